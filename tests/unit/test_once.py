"""An option of one value is given once, in tools and in the suite's own commands."""

import click
import pytest
from click.testing import CliRunner

from prognomics.cli import commands
from prognomics.runtime.once import OnceCommand, OnceGroup


def own_commands(group=commands, words=()):
    for name, command in sorted(group.commands.items()):
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from own_commands(command, (*words, name))


def refused(words):
    done = CliRunner().invoke(commands, words)
    assert done.exit_code == 2, done.output
    return done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run s.yml --out a --out b", "--out takes one value and is given 2 times ('a', 'b')"),
        ("run s.yml --out a --data=b --data=b", "--data takes one value and is given 2 times ('b', 'b')"),
        ("run s.yml --out a --cores 1 --cores 2 --cores 1", "--cores takes one value and is given 3 times"),
        ("verify a --step b --step c", "--step takes one value and is given 2 times"),
        ("study check s.yml --genes --no-genes", "--genes and --no-genes exclude each other"),
        ("study new --gene A --gene B --source demo --accession x", "--gene takes one value"),
        ("--log-format json --log-format text cox", "--log-format takes one value"),
        ("--quiet --verbose cox", "--quiet and --verbose exclude each other"),
        ("cox --samples a --samples b", "--samples takes one value and is given 2 times ('a', 'b')"),
        ("meta_analysis --hartung-knapp --no-hartung-knapp", "--hartung-knapp and --no-hartung-knapp exclude"),
    ],
)
def test_a_second_value_is_refused(words, message):
    assert message in refused(words.split())


def test_a_value_that_looks_like_an_option_is_one_value():
    done = CliRunner().invoke(commands, ["verify", "--step", "--step", "nowhere"])
    assert "times" not in done.output


@pytest.mark.parametrize("words", [["--debug", "--debug"], ["--until", "a", "--until", "b"]])
def test_the_same_switch_twice_and_options_of_several_values_are_taken(words):
    done = CliRunner().invoke(commands, ["run", "nowhere.yml", "--out", "x", *words])
    assert "times" not in done.output and "exclude" not in done.output


def test_every_command_of_the_suite_refuses_repeats():
    found = list(own_commands())
    assert len(found) > 20
    others = [" ".join(words) for words, command in found if not isinstance(command, OnceCommand | OnceGroup)]
    assert others == []
