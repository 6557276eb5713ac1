"""The options of `voice-engine data`. Bodies import late, so that help is instant."""

from pathlib import Path
from typing import Annotated

import typer

records = typer.Typer(
    help="What is held about people, and for how long.", no_args_is_help=True, rich_markup_mode=None
)

Number = Annotated[str, typer.Option("--number", help="Whose, as +1….")]
User = Annotated[str, typer.Option("--user", help="Whose calls; unset: the only account's.")]
AsJSON = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]


@records.command("export")
def export_caller(
    *,
    number: Number,
    target: Annotated[Path, typer.Option("--out", help="The ZIP to write.")],
    user: User = "",
    as_json: AsJSON = False,
) -> None:
    """Write all that is held about a number into a ZIP."""
    from voice_engine.cli.commands import records as command

    raise typer.Exit(command.export(command.DataOptions(user=user, number=number, out=target, as_json=as_json)))


@records.command("erase")
def erase_caller(
    *,
    number: Number,
    user: User = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only list what it would delete.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Erase a caller: recordings, transcripts, events, voicemails, contact, and the number in calls' rows."""
    from voice_engine.cli.commands import records as command

    raise typer.Exit(command.erase(command.DataOptions(user=user, number=number, yes=yes, as_json=as_json)))


@records.command("retention")
def keep_for(
    *,
    days: Annotated[int | None, typer.Option("--days", help="Days after a call.", show_default=False)] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Until deleted by hand.")] = False,
    user: User = "",
    as_json: AsJSON = False,
) -> None:
    """Show or set how long recordings, transcripts and voicemails are kept."""
    from voice_engine.cli.commands import records as command

    raise typer.Exit(command.retention(command.DataOptions(user=user, days=days, keep=keep, as_json=as_json)))
