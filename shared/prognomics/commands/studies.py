"""Commands on studies: run, verify, and what can be done with a study file."""

from __future__ import annotations

from pathlib import Path

import click

from prognomics.errors import BadInput, UsageError
from prognomics.runtime.once import OnceCommand, OnceGroup


@click.command("run", cls=OnceCommand, short_help="run a study file, from cohorts to a report")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of results; made if needed.")
@click.option("--cores", type=click.IntRange(1), default=None, help="Cores to use.  [default: all]")
@click.option("--data", type=click.Path(path_type=Path), help="Folder that the study's local paths are in.")
@click.option("--offline", is_flag=True, help="Never use the network.")
@click.option("--profile", help="Snakemake profile, for clusters and clouds.")
@click.option("--until", multiple=True, metavar="STEP", help="Make this step and what it needs alone.  [repeatable]")
@click.option("--force", multiple=True, metavar="STEP", help="Make this step again in any case.  [repeatable]")
@click.option("--dry-run", is_flag=True, help="Show what would run, and why, and run nothing.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def run_study(study: Path, out: Path, cores: int | None, data: Path | None, offline: bool, profile: str | None,
              until: tuple[str, ...], force: tuple[str, ...], dry_run: bool, debug: bool) -> None:  # fmt: skip
    """Run a study: plan it, make what is missing or outdated, and say where the report is."""
    if dry_run:
        from prognomics.study.preview import preview

        click.echo(preview(study, out, data=data, offline=offline, until=until, force=force))
        return
    from prognomics.study.run import run

    run(study, out, cores=cores, data=data, offline=offline, profile=profile, until=until, force=force)


@click.command("verify", cls=OnceCommand, short_help="run a finished study again and say which results differ")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--step", help="Repeat this step alone, on what the others made.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def verify_study(folder: Path, step: str | None, debug: bool) -> None:
    """Run the study in FOLDER again beside itself and compare every file; exit 3 if one differs."""
    from prognomics.study.verify import verify

    click.echo(f"{verify(folder, step)} files agree with a new run")


@click.group("study", cls=OnceGroup, short_help="write, check, plan or copy a study file")
def study_commands() -> None:
    """Study files: what may be in one is in docs/studies.md."""


@study_commands.command("check")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Folder that the study's local paths are in.")
@click.option("--genes/--no-genes", default=True, help="Look for the marker in matrices that are at hand.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def study_check(study: Path, data: Path | None, genes: bool, debug: bool) -> None:
    """Find what is wrong with a study file: each error with its line and a proposal; exit 3 if there is one."""
    from prognomics.study.check import check_study
    from prognomics.study.check_genes import gene_problems
    from prognomics.study.file import read_study

    problems = check_study(study, data)
    readable = not any(p.certain for p in problems)
    if genes and readable:
        try:
            problems += gene_problems(read_study(study, data))
        except UsageError:
            readable = False  # a folder of data that was not given
    for problem in problems:
        click.echo(f"{'' if problem.certain else 'suspicious: '}{problem}")
    certain = sum(p.certain for p in problems)
    if certain:
        raise BadInput(f"{study}: {certain} error{'s' * (certain > 1)}")
    click.echo(f"{study}: no error" + ("" if data else "; files of --data were not looked at" * _has_local(study)))


def _has_local(study: Path) -> bool:
    return "local_path" in study.read_text("utf-8", "replace")


@study_commands.command("plan")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True,
              help="Folder of results, whose steps may be up to date.")  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path), help="Folder that the study's local paths are in.")
@click.option("--offline", is_flag=True, help="Plan for a run without the network.")
@click.option("--until", multiple=True, metavar="STEP", help="This step and what it needs alone.  [repeatable]")
@click.option("--force", multiple=True, metavar="STEP", help="This step in any case.  [repeatable]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def study_plan(study: Path, out: Path, data: Path | None, offline: bool, until: tuple[str, ...],
               force: tuple[str, ...], debug: bool) -> None:  # fmt: skip
    """Show what a run would make, and why, as `run --dry-run` does."""
    from prognomics.study.preview import preview

    click.echo(preview(study, out, data=data, offline=offline, until=until, force=force))


@study_commands.command("list")
def study_list() -> None:
    """List the studies that come with the suite."""
    from prognomics.study.copies import studies_table

    click.echo(studies_table())


@study_commands.command("copy")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), default=Path(), help="Folder to write to.  [default: here]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def study_copy(name: str, out: Path, debug: bool) -> None:
    """Copy a study of the suite, with its mappings and signatures, to change it and to run it."""
    from prognomics.study.copies import copy_study

    for path in copy_study(name, out):
        click.echo(f"wrote {path}")


@study_commands.command("schema")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; by default it is printed.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def study_schema(out: Path | None, debug: bool) -> None:
    """Write the JSON Schema of study files, with the options of all tools, plugins too; editors complete by it."""
    from prognomics.study.editor_schema import schema_text

    if out is None:
        click.echo(schema_text(), nl=False)
    else:
        out.write_text(schema_text(), encoding="utf-8")


@study_commands.command("new")
@click.option("--gene", required=True, metavar="SYMBOL", help="The marker.")
@click.option(
    "--source", required=True, type=click.Choice(["gdc", "xena", "cbioportal", "demo"]), help="The cohorts' source."
)
@click.option("--accession", required=True, multiple=True, metavar="A", help="A cohort (TCGA-SARC).  [repeatable]")
@click.option("--endpoint", default="os", show_default=True, help="An endpoint that the source has.")
@click.option("--out", type=click.Path(path_type=Path), help="The study file; by default it is printed.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def study_new(gene: str, source: str, accession: tuple[str, ...], endpoint: str, out: Path | None, debug: bool) -> None:
    """Write a study of a gene in cohorts of GDC, Xena or cBioPortal; it needs no mapping file."""
    from prognomics.study.editor_schema import FILE, MODELINE, schema_text
    from prognomics.study.new import new_study

    text = new_study(gene, source, accession, endpoint)
    if out is None:
        click.echo(text, nl=False)
        return
    if out.exists():
        raise UsageError(f"{out} is there already", hint="name another file with --out, or remove it")
    out.write_text(MODELINE + text, encoding="utf-8")
    schema = out.with_name(FILE)
    if not schema.exists():
        schema.write_text(schema_text(), encoding="utf-8")
    click.echo(f"wrote {out}; run it: prognomics run {out} --out results")


@click.command("job", cls=OnceCommand, hidden=True)
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("name")
def run_job(plan: Path, name: str) -> None:
    """Run one job of a plan (called by workflow engines)."""
    from prognomics.study.job import run_planned as run

    run(plan, name)
