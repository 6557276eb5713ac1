"""`voice-engine token`: tokens for servers. A token is shown once, when it is made."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from voice_engine.cli.console import EXIT_OK, emit_json, out
from voice_engine.cli.installation import Installation, at_installation, the_user
from voice_engine.domains.identity import api_tokens
from voice_engine.domains.identity.api_tokens import NewApiToken
from voice_engine.domains.identity.models import ApiTokenRow
from voice_engine.domains.identity.scopes import ALL_SCOPES, parse_scope
from voice_engine.errors import InvalidInput, NotFound

OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOptions:
    """What the commands take. `user` empty: the only account; `days` 0: until revoked; `scope` empty: all."""

    user: str = ""
    label: str = "server"
    scope: str = ""
    days: int = 0
    token: str = ""
    as_json: bool = False


def create(options: TokenOptions) -> int:
    """Make a token and show it, this once."""
    scopes = parse_scope(options.scope) or ALL_SCOPES

    async def work(here: Installation) -> tuple[str, dict[str, Any]]:
        async with here.store.system("the operator's command") as unit:
            user = await the_user(unit, options.user)
            wanted = NewApiToken(
                user_id=user.id,
                organization_id=user.organization_id,
                label=options.label,
                scopes=scopes,
                lifetime=dt.timedelta(days=options.days) if options.days else None,
            )
            made = await api_tokens.create(unit, wanted, now=here.now(), actor=OPERATOR)
            return made.token, _facts(made.row)

    token, facts = at_installation(work)
    if options.as_json:
        emit_json({"token": token, **facts})
    else:
        out().print(token, markup=False, soft_wrap=True)
    return EXIT_OK


def list_tokens(options: TokenOptions) -> int:
    """Every token, newest first: what it is called, how it begins, when it was used."""

    async def work(here: Installation) -> list[dict[str, Any]]:
        async with here.store.system("the operator's command", writes=False) as unit:
            return [_facts(row) for row in await api_tokens.list_tokens(unit)]

    tokens = at_installation(work)
    if options.as_json:
        emit_json({"tokens": tokens})
    elif not tokens:
        out().print("There is no token: voice-engine token create makes one.")
    for facts in tokens if not options.as_json else ():
        used = f"used {facts['last_used_at'][:16]}" if facts["last_used_at"] else "never used"
        marks = ["revoked"] if facts["revoked_at"] else []
        line = "  ".join([facts["id"], f"{facts['prefix']}…", facts["label"], used, *marks])
        out().print(line, markup=False, soft_wrap=True)
    return EXIT_OK


def revoke(options: TokenOptions) -> int:
    """End a token, named by its id or by how it begins."""

    async def work(here: Installation) -> None:
        async with here.store.system("the operator's command") as unit:
            wanted = options.token
            rows = [
                row
                for row in await api_tokens.list_tokens(unit)
                if row.revoked_at is None and (row.id == wanted or wanted.startswith(row.prefix))
            ]
            if not rows:
                raise NotFound("token_not_found", "no token in use has this id or beginning; see: token list")
            if len(rows) > 1:
                raise InvalidInput("token_unclear", "several tokens begin so: name the one by its id")
            await api_tokens.revoke(unit, rows[0], now=here.now(), actor=OPERATOR)

    at_installation(work)
    if options.as_json:
        emit_json({"revoked": True})
    else:
        out().print("The token is revoked.")
    return EXIT_OK


def _facts(row: ApiTokenRow) -> dict[str, Any]:
    def text(time: dt.datetime | None) -> str | None:
        return time.isoformat() if time else None

    return {
        "id": row.id,
        "prefix": row.prefix,
        "label": row.label,
        "user_id": row.user_id,
        "scope": row.scope,
        "created_at": text(row.created_at),
        "expires_at": text(row.expires_at),
        "last_used_at": text(row.last_used_at),
        "revoked_at": text(row.revoked_at),
    }
