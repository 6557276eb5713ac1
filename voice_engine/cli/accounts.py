"""The options of `voice-engine user` and `voice-engine token`. Bodies import late, so that help is instant."""

from typing import Annotated

import typer

users = typer.Typer(help="The accounts of this installation.", no_args_is_help=True, rich_markup_mode=None)
tokens = typer.Typer(help="Tokens for servers.", no_args_is_help=True, rich_markup_mode=None)

Email = Annotated[str, typer.Argument(help="The account's address.", show_default=False)]
AsJSON = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]


@users.command("add")
def add_user(
    email: Email,
    *,
    name: Annotated[str, typer.Option("--name", help="What the person is called.")] = "",
    timezone: Annotated[str, typer.Option("--timezone", help="IANA name: Europe/Madrid.")] = "UTC",
    country: Annotated[str, typer.Option("--country", help="Two letters: US, ES.")] = "US",
    language: Annotated[str, typer.Option("--language", help="en or es.")] = "en",
    operator: Annotated[bool, typer.Option("--operator", help="May manage this installation.")] = False,
    consent: Annotated[
        bool, typer.Option("--consent", help="The person agreed that calls are made and recorded for them.")
    ] = False,
    as_json: AsJSON = False,
) -> None:
    """Make an account; the password is asked for, or read from standard input."""
    from voice_engine.cli.commands import user

    options = user.UserOptions(
        email=email,
        name=name,
        timezone=timezone,
        country=country,
        locale=language,
        operator=operator,
        consent=consent,
        as_json=as_json,
    )
    raise typer.Exit(user.add(options, user.ask_password))


@users.command("list")
def list_users(*, as_json: AsJSON = False) -> None:
    """Show every account."""
    from voice_engine.cli.commands import user

    raise typer.Exit(user.list_users(user.UserOptions(as_json=as_json)))


@users.command("password")
def change_password(email: Email, *, as_json: AsJSON = False) -> None:
    """Give an account another password; every browser and app signs in again."""
    from voice_engine.cli.commands import user

    raise typer.Exit(user.password(user.UserOptions(email=email, as_json=as_json), user.ask_password))


@users.command("disable")
def disable_user(
    email: Email,
    *,
    enable: Annotated[bool, typer.Option("--enable", help="Open it again.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Close an account: its sessions and tokens end at once, its data stays."""
    from voice_engine.cli.commands import user

    raise typer.Exit(user.disable(user.UserOptions(email=email, enable=enable, as_json=as_json)))


@users.command("link")
def link_user(email: Email, *, as_json: AsJSON = False) -> None:
    """Print a link that signs the person in once, within 15 minutes."""
    from voice_engine.cli.commands import user

    raise typer.Exit(user.link(user.UserOptions(email=email, as_json=as_json)))


@tokens.command("create")
def create_token(
    *,
    user: Annotated[str, typer.Option("--user", help="Whose token; unset: the only account's.")] = "",
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "server",
    scope: Annotated[str, typer.Option("--scope", help="Space-separated scopes; unset: all.")] = "",
    days: Annotated[int, typer.Option("--days", min=0, max=3650, help="How long it lives; 0: until revoked.")] = 0,
    as_json: AsJSON = False,
) -> None:
    """Make a token and show it, this once."""
    from voice_engine.cli.commands import token

    options = token.TokenOptions(user=user, label=label, scope=scope, days=days, as_json=as_json)
    raise typer.Exit(token.create(options))


@tokens.command("list")
def list_tokens(*, as_json: AsJSON = False) -> None:
    """Show every token: how it begins, when it was used."""
    from voice_engine.cli.commands import token

    raise typer.Exit(token.list_tokens(token.TokenOptions(as_json=as_json)))


@tokens.command("revoke")
def revoke_token(
    token_id: Annotated[str, typer.Argument(help="Its id, or how it begins.", metavar="TOKEN")],
    *,
    as_json: AsJSON = False,
) -> None:
    """End a token; it is refused from the next request on."""
    from voice_engine.cli.commands import token

    raise typer.Exit(token.revoke(token.TokenOptions(token=token_id, as_json=as_json)))
