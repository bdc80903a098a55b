"""A learned signature: its genes, held-out discrimination, the choice of the penalty, random signatures."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.wording import clean_text, format_count, p_phrase

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, BETWEEN, RIGHT, BOTTOM, ROW = 1.25, 1.7, 0.15, 0.5, 0.17
GENES, SETS = 25, 16
MODELS = {"signature": "signature", "signature_and_clinical": "with clinical variables", "clinical": "clinical alone"}
LOWER = 1.7


@dataclass
class LearnedFigure(style.StudyFigure):
    """Four panels: coefficients, held-out discrimination, cross-validation, random signatures.

    Parameters
    ----------
    coefficients : DataFrame
        `learn_signature --out-coefficients`.
    validation : DataFrame
        `learn_signature --out-validation`.
    null : DataFrame or None
        `learn_signature --out-null`.
    cv : DataFrame or None
        `learn_signature --out-cv`.
    title : str
    """

    coefficients: pd.DataFrame
    validation: pd.DataFrame
    null: pd.DataFrame | None = None
    cv: pd.DataFrame | None = None
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when nothing was evaluated."""
        shown = self._discrimination()
        if not len(shown):
            raise BadInput("the table has no concordance and no area", where="learn_signature --out-validation")
        genes = self.coefficients[self.coefficients["kind"] == "gene"]
        rows = max(min(len(genes), GENES), len(shown), 6)
        title = style.title_lines(self.title)
        upper = rows * ROW
        height = BOTTOM + LOWER + 0.85 + upper + 0.4 + style.title_room(title)
        figure = style.new_figure(style.WIDTH, height)
        style.put_title(figure, title)
        width = (style.WIDTH - LEFT - BETWEEN - RIGHT) / 2
        second = LEFT + width + BETWEEN
        above = BOTTOM + LOWER + 0.85
        self._genes(figure, style.add_axes(figure, LEFT, above, width, upper), genes)
        self._sets(figure, style.add_axes(figure, second, above, width, upper), shown)
        if self.cv is not None:
            self._cv(style.add_axes(figure, LEFT, BOTTOM, width, LOWER))
        if self.null is not None:
            self._null(style.add_axes(figure, second, BOTTOM, width, LOWER))
        return figure

    def _discrimination(self) -> pd.DataFrame:
        """Concordance (or AUC of a yes/no outcome) by held-out set and model, the sets in the order of the table."""
        table = self.validation
        kind = "c_harrell" if (table["statistic"] == "c_harrell").any() else "auc"
        table = table[(table["statistic"] == kind) & table["time_months"].isna() & table["model"].isin(MODELS)]
        table = table[table["estimate"].notna()]
        singles = table[(table["model"] == "signature") & ~table["held_out"].isin(["all", "apparent"])]
        if len(singles) > SETS:
            table = table[table["held_out"].isin([*singles["held_out"][:SETS], "all", "apparent"])]
        whole = table["held_out"].isin(["all", "apparent"]) | (len(singles) == 1)
        return table[(table["model"] == "signature") | whole].reset_index(drop=True)

    def _genes(self, figure: Any, axes: Any, genes: pd.DataFrame) -> None:
        if not len(genes):
            axes.text(0.5, 0.5, "no gene was chosen", ha="center", va="center", transform=axes.transAxes,
                      color=style.GRAY)  # fmt: skip
            axes.set_xticks([])
            axes.set_yticks([])
            return
        effect = (genes["coefficient"] * genes["scale"]).to_numpy(float)[:GENES]
        names = [style.fit_text(clean_text(t), LEFT - 0.25, style.SMALL) for t in genes["term"][:GENES]]
        place = np.arange(len(effect))[::-1]
        colors = [style.high() if e > 0 else style.low() for e in effect]
        axes.barh(place, effect, height=0.7, color=colors)
        axes.axvline(0, color=style.INK, linewidth=0.7)
        axes.set_yticks(place, names, fontsize=style.SMALL)
        axes.set_ylim(-0.7, max(len(effect), 1) - 0.3)
        said = "Coefficient per SD"
        if len(genes) > GENES:
            said += f" ({GENES} largest of {format_count(len(genes))})"
        axes.set_xlabel(said)

    def _sets(self, figure: Any, axes: Any, shown: pd.DataFrame) -> None:
        place = np.arange(len(shown))[::-1]
        names = []
        for y, row in zip(place, shown.itertuples(), strict=True):
            whole = row.held_out in ("all", "apparent")
            color = style.GRAY if row.held_out == "apparent" else style.INK
            axes.plot([row.ci_low, row.ci_high], [y, y], color=color, linewidth=1.2, solid_capstyle="butt")
            axes.plot([row.estimate], [y], marker="D" if whole else "s", color=color, markersize=4.5 if whole else 4,
                      markerfacecolor="white" if row.held_out == "apparent" else color)  # fmt: skip
            name = {"all": "all held out", "apparent": "apparent"}.get(row.held_out, clean_text(row.held_out))
            if row.model != "signature":
                name = MODELS[row.model] + ("" if row.held_out == "all" else f", {name}")
            names.append(style.fit_text(name, BETWEEN - 0.25, style.SMALL))
        axes.axvline(0.5, color=style.GRAY, linewidth=0.7, linestyle=":")
        axes.set_yticks(place, names, fontsize=style.SMALL)
        axes.set_ylim(-0.7, len(shown) - 0.3)
        axes.set_xlim(max(0.0, min(0.4, float(shown["ci_low"].min()) - 0.02)), min(1.0, max(0.75, float(
            shown["ci_high"].max()) + 0.02)))  # fmt: skip
        axes.set_xlabel("Concordance (95% CI)" if (shown["statistic"] == "c_harrell").all() else "AUC (95% CI)")

    def _cv(self, axes: Any) -> None:
        cv = self.cv
        x, mean, se = np.log10(cv["lambda"].to_numpy(float)), cv["mean"].to_numpy(float), cv["se"].to_numpy(float)
        axes.fill_between(x, mean - se, mean + se, color=style.PALE, linewidth=0)
        axes.plot(x, mean, color=style.INK, linewidth=1.2)
        for step in np.flatnonzero(cv["chosen"].notna()):
            axes.axvline(x[step], color=style.GRAY, linewidth=0.8, linestyle=":")
        axes.set_xlabel("log10 lambda (dotted: min, 1se)")
        axes.set_ylabel("Cross-validated deviance")

    def _null(self, axes: Any) -> None:
        table = self.null
        if table is None:
            return
        kind = "random" if (table["signature"] == "random").any() else "permuted"
        random = table.loc[table["signature"] == kind, "estimate"].to_numpy(float)
        own = float(table.loc[table["signature"] == "signature", "estimate"].iloc[0])
        bins = min(40, max(5, len(random) // 10))
        axes.hist(random, bins=bins, color=style.PALE, edgecolor=style.GRAY, linewidth=0.4)
        axes.axvline(own, color=style.high(), linewidth=1.6)
        p = (1 + int((random >= own).sum())) / (1 + len(random))
        axes.set_xlabel("Concordance" if table["statistic"].iloc[0] == "c_harrell" else "AUC")
        axes.set_title(f"line: this one, {p_phrase(p)}", fontsize=style.SMALL, loc="left")
        axes.set_ylabel("Random signatures" if kind == "random" else "Permuted outcomes")
