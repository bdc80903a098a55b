"""The command line: `prognomics TOOL`, `run`, `verify`, `spec`, and single scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from prognomics import __version__
from prognomics.errors import SourceFailed, UsageFault
from prognomics.runtime.guard import end_in_order, guarded
from prognomics.runtime.to_click import make_command, run_tool
from prognomics.spec.loader import PLUGIN_PATH_VARIABLE, load_tool, tool_names


class Commands(click.Group):
    """The tools, loaded one at a time, beside the suite's own commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*sorted(self.commands), *tool_names()]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        own = super().get_command(ctx, name)
        if own is not None:
            return own
        try:
            return make_command(load_tool(name), run_tool)
        except UsageFault as error:
            raise click.UsageError(str(error), ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [(name, command.get_short_help_str(90)) for name, command in sorted(self.commands.items())]
        with formatter.section("Studies and specs"):
            formatter.write_dl(own)
        with formatter.section("Tools"):
            formatter.write_dl([(name, load_tool(name).sentence) for name in tool_names()])


def add_tool_folders(folders: Iterable[Path]) -> None:
    """Make the tools of these folders known to this process and to those that it starts."""
    known = [p for p in os.environ.get(PLUGIN_PATH_VARIABLE, "").split(os.pathsep) if p]
    os.environ[PLUGIN_PATH_VARIABLE] = os.pathsep.join([*map(os.path.abspath, folders), *known])


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _tool_path(ctx: click.Context, param: click.Parameter, folders: tuple[Path, ...]) -> None:
    add_tool_folders(folders)


@click.group(cls=Commands, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(__version__, prog_name="prognomics")
@click.option("--tool-path", multiple=True, metavar="DIR", callback=_tool_path, type=_FOLDER, expose_value=False,
              is_eager=True,
              help="A folder with tools of your own (a spec and a script each).  [repeatable]")  # fmt: skip
def commands() -> None:
    """Is this gene or signature a prognostic marker in this cancer?

    Each step is a tool; `prognomics run STUDY.yml` runs a whole study.
    """


@commands.command("run", short_help="run a study file, from cohorts to a report")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of results; made if needed.")
@click.option("--cores", type=click.IntRange(1), default=None, help="Cores to use.  [default: all]")
@click.option("--data", type=click.Path(path_type=Path), help="Folder that the study's local paths are in.")
@click.option("--offline", is_flag=True, help="Never use the network.")
@click.option("--profile", help="Snakemake profile, for clusters and clouds.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def run_study(study: Path, out: Path, cores: int | None, data: Path | None, offline: bool, profile: str | None,
              debug: bool) -> None:  # fmt: skip
    """Run a study: plan it, make what is missing or outdated, and say where the report is."""
    from prognomics.study.run import run

    run(study, out, cores=cores, data=data, offline=offline, profile=profile)


@commands.command("verify", short_help="run a finished study again and say which results differ")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--step", help="Repeat this step alone, on what the others made.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def verify_study(folder: Path, step: str | None, debug: bool) -> None:
    """Run the study in FOLDER again beside itself and compare every file; exit 3 if one differs."""
    from prognomics.study.verify import verify

    click.echo(f"{verify(folder, step)} files agree with a new run")


@commands.group("study", short_help="write a study file for a gene in public cohorts")
def study_commands() -> None:
    """Study files."""


@study_commands.command("new")
@click.option("--gene", required=True, metavar="SYMBOL", help="The marker.")
@click.option("--source", required=True, type=click.Choice(["gdc", "xena", "cbioportal"]), help="The cohorts' source.")
@click.option("--accession", required=True, multiple=True, metavar="A", help="A cohort (TCGA-SARC).  [repeatable]")
@click.option("--endpoint", default="os", show_default=True, help="An endpoint that the source has.")
@click.option("--out", type=click.Path(path_type=Path), help="The study file; by default it is printed.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def study_new(gene: str, source: str, accession: tuple[str, ...], endpoint: str, out: Path | None, debug: bool) -> None:
    """Write a study of a gene in cohorts of GDC, Xena or cBioPortal; it needs no mapping file."""
    from prognomics.study.new import new_study

    text = new_study(gene, source, accession, endpoint)
    if out is None:
        click.echo(text, nl=False)
        return
    if out.exists():
        raise UsageFault(f"{out} is there already", hint="name another file with --out, or remove it")
    out.write_text(text, encoding="utf-8")
    click.echo(f"wrote {out}; run it: prognomics run {out} --out results")


@commands.group("cohorts", short_help="list the cohorts that have a mapping, or show one")
def cohort_commands() -> None:
    """Cohorts whose clinical tables have a mapping in the suite."""


@cohort_commands.command("list")
def cohorts_list() -> None:
    """List the cohorts: source, accession, platform, samples and events to expect, whether it was run live."""
    from prognomics.study.catalog import catalog_table

    click.echo(catalog_table())


@cohort_commands.command("show")
@click.argument("name")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cohorts_show(name: str, debug: bool) -> None:
    """Print the mapping file of a cohort."""
    from prognomics.study.catalog import catalog_entry

    click.echo(catalog_entry(name), nl=False)


@commands.group("sources", short_help="ask the public providers whether they answer")
def source_commands() -> None:
    """The providers that `fetch_cohort` fetches from."""


@source_commands.command("check")
@click.option("--source", multiple=True, type=click.Choice(["geo", "arrayexpress", "gdc", "cbioportal", "xena"]),
              help="Ask this provider alone.  [repeatable]")  # fmt: skip
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def sources_check(source: tuple[str, ...], debug: bool) -> None:
    """Ask each provider for one small thing and print what works; exit 5 if anything fails."""
    from prognomics.sources.check import HELP, check_sources

    outcomes = []
    for outcome in check_sources(source):
        click.echo(outcome.line)
        outcomes.append(outcome)
    failed = [outcome.probe.source for outcome in outcomes if outcome.fault]
    if failed:
        helps = ", ".join(dict.fromkeys(HELP[name] for name in failed))
        raise SourceFailed(
            f"{len(failed)} of {len(outcomes)} requests failed (prognomics {__version__})",
            hint="try again later. What fails for days and works in a browser is a fault of prognomics: report it with "
            f"all these lines. What fails in a browser, too, is the provider's to mend: {helps}",
        )


@commands.group("signatures", short_help="list published signatures that come with the suite, show or export one")
def signature_commands() -> None:
    """Published gene signatures; `library:NAME` stands for a file where a tool takes a signature."""


@signature_commands.command("list")
def signatures_list() -> None:
    """List the signatures: name, kind, number of genes, what they were derived for, DOI."""
    from prognomics.runtime.library import listed

    click.echo(listed())


@signature_commands.command("show")
@click.argument("name")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def signatures_show(name: str, debug: bool) -> None:
    """Print what is known of a signature, and its genes."""
    from prognomics.runtime.library import shown

    click.echo(shown(name))


@signature_commands.command("export")
@click.argument("name")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else it is printed.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def signatures_export(name: str, out: Path | None, debug: bool) -> None:
    """Write a signature as a table that the tools read."""
    from prognomics.runtime.library import exported

    text = exported(name, out)
    if text:
        click.echo(text, nl=False)


@commands.command("job", hidden=True)
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("name")
def run_job(plan: Path, name: str) -> None:
    """Run one job of a plan (called by workflow engines)."""
    from prognomics.study.job import run_planned as run

    run(plan, name)


@commands.group("spec", short_help="build what is generated from the specs, or check it all")
def spec_commands() -> None:
    """The tool specs: build the generated files, or check specs, cases and files."""


@spec_commands.command("build")
def spec_build() -> None:
    """Write the generated files (Galaxy, CWL, pages, type stubs) of the repository you stand in."""
    from prognomics.generate.build import build

    for path in build(Path.cwd()):
        click.echo(f"wrote {path}")


@spec_commands.command("check")
@click.option("--tool-path", "folder", type=_FOLDER, help="Check a plugin folder instead.")
def spec_check(folder: Path | None) -> None:
    """Check specs, scripts, coverage of cases and generated files; exit 3 if anything is wrong."""
    from prognomics.generate.build import check

    problems = check(Path.cwd(), folder)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(3)
    click.echo("specs, scripts, cases and generated files agree")


def main(arguments: list[str] | None = None) -> None:
    """Entry point of the console script `prognomics`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    end_in_order()
    sys.exit(guarded(lambda: commands.main(arguments, "prognomics", standalone_mode=False), "--debug" in arguments))


def run_script(script: str) -> None:
    """Run the tool of a script (`python tools/cox.py ...`, or a plugin's script beside its spec)."""
    path = Path(script).resolve()
    if path.with_suffix(".yml").is_file():
        add_tool_folders([path.parent])
    arguments = sys.argv[1:]

    def action() -> Any:
        command = make_command(load_tool(path.stem), run_tool)
        return command.main(arguments, f"{path.stem}.py", standalone_mode=False)

    end_in_order()
    sys.exit(guarded(action, "--debug" in arguments))
