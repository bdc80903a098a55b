"""Commands on what comes with the suite or is public: cohorts, providers, signatures."""

from __future__ import annotations

from pathlib import Path

import click

from prognomics import __version__
from prognomics.errors import SourceFailed
from prognomics.runtime.once import OnceGroup


@click.group("cohorts", cls=OnceGroup, short_help="list the cohorts that have a mapping, or show one")
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


@click.group("sources", cls=OnceGroup, short_help="ask the public providers whether they answer")
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


@click.group("signatures", cls=OnceGroup,
             short_help="list published signatures that come with the suite, show or export one")  # fmt: skip
def signature_commands() -> None:
    """Published gene signatures; `library:NAME` represents a file where a tool takes a signature."""


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
