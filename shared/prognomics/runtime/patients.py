"""Several samples of a patient, and normal tissue: found in what a tool analyzes, said, taken once where asked.

A spec states under `patients` which of its inputs a sample needs in order to be analyzed; the rest is the same for all
tools: the option `--one-sample-per-patient` and the warnings `duplicated-patients`, `shared-patients` and, with an
endpoint, `normals-with-outcome`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.data import patients
from prognomics.data.endpoint import Endpoint
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.population import ONE_PER_PATIENT
from prognomics.data.sheet import SampleSheet
from prognomics.data.streamed import StreamedMatrix
from prognomics.errors import BadInput, UsageError, first_few, note, warn
from prognomics.spec.model import Input, Tool, flag

OPTION = "one_sample_per_patient"
TISSUE, NORMAL = "tissue_type", "normal"


def resolve_patients(tool: Tool, values: dict[str, Any]) -> tuple[str, ...]:
    """Warn about patients with several analyzed samples, or keep one sample of each; warn of normal tissue.

    Changes the sample sheet and the endpoint in `values` where `--one-sample-per-patient` is given, and returns what
    conditions that adds to the population.

    Raises
    ------
    BadInput
        The option without a column `patient_id`.
    UsageError
        The option without a sample sheet.
    """
    if not tool.patients:
        return ()
    name = next(i.name for i in tool.inputs if i.artifact == "sample_sheet")
    sheet, once = values[name], values[OPTION]
    if sheet is None:
        if once:
            raise UsageError(f"{flag(OPTION)} needs {flag(name)}")
        return ()
    added = _take_once(tool, values, name)
    _warn_normals(_View(tool, values, values[name]))
    return added


def _take_once(tool: Tool, values: dict[str, Any], name: str) -> tuple[str, ...]:
    sheet, once = values[name], values[OPTION]
    if patients.PATIENT not in sheet.columns:
        if once:
            raise BadInput(f"{flag(OPTION)} needs a column {patients.PATIENT}", where=sheet.where,
                           hint="add the column with curate_samples, or with --annotation")  # fmt: skip
        return ()
    view = _View(tool, values, sheet)
    keys, analyzed = patients.patient_keys(sheet), view.analyzed()
    twice = patients.ids_in_several_cohorts(keys, analyzed)
    if twice:
        note("patient-ids-in-several-cohorts", f"{len(twice)} patient ids occur in several cohorts "
             f"({first_few(twice)}); they are taken for different patients")  # fmt: skip
    if once:
        kept = _keep_one(view, keys, analyzed)
        keys, analyzed = keys[kept], analyzed[kept]
        values[name] = sheet = sheet.take(kept, sheet.population.meeting(ONE_PER_PATIENT))
        _take_endpoint(tool, values, kept)
        view = _View(tool, values, sheet)
    if not view.paired:
        _warn_shared(view, keys, analyzed)
        _warn_repeated(view, keys, analyzed)
    return (ONE_PER_PATIENT,) if once else ()


class _View:
    """What a spec's `patients` states of a call: which samples are analyzed, in which groups, in which clusters."""

    def __init__(self, tool: Tool, values: dict[str, Any], sheet: SampleSheet):
        self.tool, self.values, self.sheet, self.rule = tool, values, sheet, tool.patients

    def analyzed(self) -> np.ndarray:
        """Samples with what the analysis needs, shape (n_samples,)."""
        rows = np.ones(len(self.sheet), dtype=bool)
        for item in self.tool.inputs:
            value = self.values[item.name]
            if self._is_endpoint(item):
                rows &= value.known
            elif item.artifact == "expression_matrix" and isinstance(value, (ExpressionMatrix, StreamedMatrix)):
                rows &= np.isin(np.array(self.sheet.sample_ids, dtype=object), value.sample_ids)
        rows &= self._known("complete").all(axis=0)
        some = self._known("some")
        if len(some):
            rows &= some.any(axis=0)
        groups = self.groups()
        if groups is None or self.sided:
            return rows
        result: np.ndarray = rows & np.array([group is not None for group in groups], dtype=bool)
        return result

    def preferred(self) -> np.ndarray:
        """Samples that also have what only part of the analysis needs, shape (n_samples,)."""
        return self._known("preferred").all(axis=0)

    def groups(self) -> np.ndarray | None:
        """The compared group of each sample, missing None; None where the tool compares no groups."""
        if self.sided:
            labels = np.full(len(self.sheet), None, dtype=object)
            for side in reversed(self.rule["sides"]):
                labels[self.sheet.matches(self.values[side], must_occur=False)] = side
            return labels
        column = self.values.get(self.rule.get("groups", ""))
        if not column or column not in self.sheet.columns:
            return None
        labels, chosen = self.sheet.labels(column), self.values.get(self.rule.get("levels", ""))
        if chosen:
            reference = self.values.get(self.rule.get("reference", ""))
            labels = np.array([label if label in (*chosen, reference) else None for label in labels], dtype=object)
        return labels

    @property
    def survival(self) -> bool:
        """Whether samples are followed to an endpoint."""
        return any(map(self._is_endpoint, self.tool.inputs))

    @property
    def sided(self) -> bool:
        return "sides" in self.rule and self._applies(self.rule["sides"][0])

    @property
    def paired(self) -> bool:
        return bool(self.values.get(self.rule.get("pairs", "")))

    def competing(self, keys: np.ndarray) -> np.ndarray:
        """Keys of the samples of which one is to be kept: patients, or patients within a group.

        Within groups where pairs are compared, and where controls are told from all other samples: a patient's
        normal tissue is not a second tumor.
        """
        groups = self.groups()
        if groups is None or not (self.paired or self.sided):
            return keys
        if self.sided:
            groups = np.where(groups == self.rule["sides"][1], groups, None)
        found = np.empty(len(keys), dtype=object)
        for row, (key, group) in enumerate(zip(keys, groups, strict=True)):
            found[row] = None if key is None else (*key, group or "")
        return found

    def clusters(self) -> np.ndarray | None:
        column = self.values.get(self.rule.get("cluster", ""))
        return patients.ids_in(self.sheet, column) if column and column in self.sheet.columns else None

    def _is_endpoint(self, item: Input) -> bool:
        return item.type == "endpoint" and self.values[item.name] is not None and self._applies(item.name)

    def _applies(self, name: str) -> bool:
        """Whether an input is in use: the selectors on which it depends have its values."""
        conditions = {c.selector: c.values for c in self.tool.input(name).conditions}
        conditions |= self.rule.get("only", {}).get(name, {})
        return all(str(self.values.get(selector)) in wanted for selector, wanted in conditions.items())

    def _known(self, part: str) -> np.ndarray:
        """Which samples have each of the columns and genes that inputs name, shape (n_names, n_samples)."""
        found = [np.ones(len(self.sheet), dtype=bool)] if part != "some" else []
        for name in self.rule.get(part, ()):
            item, value = self.tool.input(name), self.values[name]
            for one in value if isinstance(value, list) else [value] if value else []:
                if item.kind == "gene":
                    found.append(self._measured(one))
                elif one in self.sheet.columns:
                    found.append(self.sheet.frame[one].notna().to_numpy())
        return np.array(found, dtype=bool).reshape(len(found), len(self.sheet))

    def _measured(self, gene: str) -> np.ndarray:
        matrix = next((v for v in self.values.values() if isinstance(v, ExpressionMatrix)), None)
        if matrix is None or gene not in matrix.gene_ids:
            return np.ones(len(self.sheet), dtype=bool)
        values = dict(zip(matrix.sample_ids, matrix.gene(gene), strict=True))
        return np.array([values.get(sample, np.nan) == values.get(sample, np.nan) for sample in self.sheet.sample_ids])


def _keep_one(view: _View, keys: np.ndarray, analyzed: np.ndarray) -> np.ndarray:
    tiers = np.where(analyzed, np.where(view.preferred(), 0, 1), 2)
    kept = patients.choose_samples(view.sheet, view.competing(keys), tiers)
    gone = np.array(view.sheet.sample_ids, dtype=object)[~kept & analyzed]
    note("one-sample-per-patient", f"{int((kept & analyzed).sum())} of {int(analyzed.sum())} samples are analyzed, one "
         f"per patient{' and group' * view.paired} (primary tissue first, then the lowest sample_id)"
         + (f"; dropped: {first_few(sorted(gone))}" if len(gone) else ""))  # fmt: skip
    return kept


def _take_endpoint(tool: Tool, values: dict[str, Any], kept: np.ndarray) -> None:
    for item in tool.inputs:
        if item.type == "endpoint" and isinstance(values[item.name], Endpoint):
            values[item.name] = values[item.name].take(kept)


def _paired(tool: Tool, pairs: str) -> str:
    """The options that test pairs of one patient, with the choice under which the column of pairs applies."""
    needed = [f"{flag(c.selector)} {' or '.join(c.values)}" for c in tool.input(pairs).conditions if not c.inferred]
    return " ".join([*needed, flag(pairs), patients.PATIENT])


def _warn_shared(view: _View, keys: np.ndarray, analyzed: np.ndarray) -> None:
    groups = view.groups()
    shared = [] if groups is None else patients.patients_in_several(keys, groups, analyzed)
    if shared:
        pairs = view.rule.get("pairs")
        warn("shared-patients", f"{len(shared)} patients have samples in more than one group ({first_few(shared)}), "
             "and p-values and intervals take the groups for independent; "
             + (f"{_paired(view.tool, pairs)} tests pairs within patients, " if pairs else "")
             + ("they stay, as a normal sample is no second tumor" if view.sided
                else f"{flag(OPTION)} keeps one sample of each patient"))  # fmt: skip


def _warn_normals(view: _View) -> None:
    """Warn that normal tissue is followed to an endpoint as if each sample were a patient with a tumor."""
    if not view.survival or TISSUE not in view.sheet.columns:
        return
    analyzed = view.analyzed()
    normal = (view.sheet.labels(TISSUE) == NORMAL) & analyzed
    if not normal.any():
        return
    found, n = int(normal.sum()), int(analyzed.sum())
    ids = first_few(sorted(np.array(view.sheet.sample_ids, dtype=object)[normal]))
    text = (
        f"all {n} analyzed samples are normal tissue ({ids}): the results are not of tumors"
        if found == n
        else f"{found} of the {n} analyzed samples are normal tissue with an outcome ({ids}). Each counts as a patient "
        f"with a tumor. Give --where {TISSUE}=primary, or --where '{TISSUE}!={NORMAL}'"
    )
    warn("normals-with-outcome", text)


def _warn_repeated(view: _View, keys: np.ndarray, analyzed: np.ndarray) -> None:
    repeats = patients.find_repeats(view.sheet, view.competing(keys), analyzed)
    if not len(repeats):
        return
    n = int(analyzed.sum())
    what = (f"{len(repeats)} patients have {repeats.n_samples} of the {n} analyzed samples "
            f"(the {n} are of {n - repeats.n_samples + len(repeats)} patients; {repeats})")  # fmt: skip
    if _clustered(view, keys, analyzed):
        if view.rule.get("clustered"):
            note("duplicated-patients", f"{what}; {view.rule['clustered']}")
        return
    cluster = view.rule.get("cluster")
    offered = cluster and view._applies(cluster)
    warn("duplicated-patients", f"{what}. Each sample counts as a patient: n is too high, p-values and intervals "
         f"cannot be relied on. Give {flag(OPTION)}"
         + (f", or {flag(cluster)} {patients.PATIENT}" if offered else ""))  # fmt: skip


def _clustered(view: _View, keys: np.ndarray, analyzed: np.ndarray) -> bool:
    """Whether the samples of each patient are in one cluster, so that the test allows for them."""
    clusters = view.clusters()
    return clusters is not None and not patients.patients_in_several(keys, clusters, analyzed)
