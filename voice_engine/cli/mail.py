"""The options of `voice-engine mail`. Bodies import late, so that help is instant."""

from typing import Annotated

import typer

mail = typer.Typer(help="Letters that this installation wrote.", rich_markup_mode=None)

To = Annotated[str, typer.Option("--to", help="Only to this address.")]
AsJSON = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]


@mail.callback(invoke_without_command=True)
def newest(context: typer.Context, *, to: To = "", as_json: AsJSON = False) -> None:
    """Show the newest letter. They hold links that sign people in: show nobody's screen."""
    if context.invoked_subcommand is not None:
        return
    from voice_engine.cli.commands import mail as command

    raise typer.Exit(command.newest(command.MailOptions(to=to, as_json=as_json)))


@mail.command("list")
def list_mail(
    *,
    to: To = "",
    most: Annotated[int, typer.Option("--most", min=1, max=500, help="How many.")] = 20,
    as_json: AsJSON = False,
) -> None:
    """List letters, the newest first: to whom, about what, whether they left."""
    from voice_engine.cli.commands import mail as command

    raise typer.Exit(command.list_mail(command.MailOptions(to=to, most=most, as_json=as_json)))


@mail.command("show")
def show_mail(
    mail_id: Annotated[str, typer.Argument(help="Its id, as `list` shows it.", metavar="ID")],
    *,
    as_json: AsJSON = False,
) -> None:
    """Show one letter."""
    from voice_engine.cli.commands import mail as command

    raise typer.Exit(command.show(command.MailOptions(mail_id=mail_id, as_json=as_json)))
