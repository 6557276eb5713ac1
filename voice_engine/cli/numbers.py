"""The options of `voice-engine numbers`. Bodies import late, so that help is instant."""

from pathlib import Path
from typing import Annotated

import typer

numbers = typer.Typer(
    help="Numbers that are never called: the operator's list, and people's own wishes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Given = Annotated[list[str] | None, typer.Argument(help="As +1….", show_default=False)]
From = Annotated[Path | None, typer.Option("--file", help="A list, one number a line.", show_default=False)]
AsJSON = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]


@numbers.command("block")
def block(
    given: Given = None,
    *,
    file: From = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for later.")] = "operator",
    as_json: AsJSON = False,
) -> None:
    """Have no organization call these numbers, nor ring them as a transfer's target."""
    _change("block", given, file, reason=reason, as_json=as_json)


@numbers.command("unblock")
def unblock(given: Given = None, *, file: From = None, as_json: AsJSON = False) -> None:
    """Take numbers off the operator's list."""
    _change("unblock", given, file, as_json=as_json)


@numbers.command("suppress")
def suppress(given: Given = None, *, file: From = None, as_json: AsJSON = False) -> None:
    """Note that the numbers' owners want no calls (a do-not-call list)."""
    _change("suppress", given, file, as_json=as_json)


@numbers.command("allow")
def allow(given: Given = None, *, file: From = None, as_json: AsJSON = False) -> None:
    """Forget wishes for no calls: only the numbers' owners may ask for that."""
    _change("allow", given, file, as_json=as_json)


def _change(deed: str, given: list[str] | None, file: Path | None, *, reason: str = "", as_json: bool) -> None:
    from voice_engine.cli.commands import numbers as command

    raise typer.Exit(command.change(command.read_deed(deed), given or [], file, reason=reason, as_json=as_json))
