"""Commands whose options are given once, unless they take several values."""

from __future__ import annotations

import click


class _GivenOnce:
    """Refuses an option of one value that is given again; the last one would replace the others in silence."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            refuse_repeats(ctx, args)
        rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        return rest


class OnceCommand(_GivenOnce, click.Command):
    """A command whose options of one value are given once."""


class OnceGroup(_GivenOnce, click.Group):
    """A group whose options of one value are given once, and those of its commands."""

    command_class = OnceCommand


def refuse_repeats(ctx: click.Context, args: list[str]) -> None:
    """Refuse options of one value that are given several times, and switches that contradict each other.

    Raises
    ------
    click.UsageError
        Naming the option and the values.
    """
    _, _, order = ctx.command.make_parser(ctx).parse_args(list(args))
    given = [option for option in order if isinstance(option, click.Option) and not (option.multiple or option.count)]
    for name in dict.fromkeys(option.name for option in given):
        same = [option for option in given if option.name == name]
        spellings = [one for option in dict.fromkeys(same) for one in [*option.opts, *option.secondary_opts]]
        if len(same) > 1 and not same[0].is_flag:
            values = ", ".join(map(repr, _values(args, spellings)))
            raise click.UsageError(f"{spellings[0]} takes one value and is given {len(same)} times ({values})", ctx)
        written = [one for one in spellings if one in args]
        if len(same) > 1 and len(written) > 1:
            raise click.UsageError(f"{' and '.join(written)} exclude each other: give one of them", ctx)


def _values(args: list[str], names: list[str]) -> list[str]:
    """What follows these options on the command line."""
    found = []
    for word, following in zip(args, [*args[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name in names:
            found.append(value if equals else following)
    return found
