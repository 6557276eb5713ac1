"""`voice-engine numbers`: who is never called, kept by the operator."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, assert_never

from voice_engine.cli.console import EXIT_OK, emit_json, out
from voice_engine.cli.installation import Installation, at_installation
from voice_engine.domains.safety import service as safety
from voice_engine.errors import InvalidInput
from voice_engine.store import audit
from voice_engine.store.uow import UnitOfWork

Deed = Literal["block", "unblock", "suppress", "allow"]

OPERATOR = "operator"
A_UNIT = 500
"""Numbers of a list that are written at once: the database is not held for the whole of it."""
MOST_REASON = 200

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_BETWEEN = re.compile(r"[\s().-]+")


def read_deed(name: str) -> Deed:
    """The deed of this name. Raises InvalidInput `unknown_deed`."""
    match name:
        case "block" | "unblock" | "suppress" | "allow":
            return name
    raise InvalidInput("unknown_deed", f"{name}: choose block, unblock, suppress or allow")


def change(deed: Deed, given: Sequence[str], file: Path | None, *, reason: str, as_json: bool) -> int:
    """Do it to all of these numbers; one that cannot be read refuses them all."""
    wanted = sorted({*map(_number, given), *(_listed(file) if file is not None else ())})
    if not wanted:
        raise InvalidInput("number_missing", "name numbers, or a list of them by --file")

    async def work(here: Installation) -> int:
        changed = 0
        for first in range(0, len(wanted), A_UNIT):
            async with here.store.system("the operator's command") as unit:
                now = dt.datetime.now(dt.UTC)
                done = [
                    await _do(unit, deed, e164, reason=reason, now=now) for e164 in wanted[first : first + A_UNIT]
                ]
                audit.record(unit, f"numbers.{deed}", actor=OPERATOR, at=now, facts={"numbers": sum(done)})
                changed += sum(done)
        return changed

    changed = at_installation(work)
    if as_json:
        emit_json({"numbers": len(wanted), "changed": changed})
    else:
        out().print(f"{deed}: {changed} of {len(wanted)} changed; the others were so already.")
    return EXIT_OK


async def _do(work: UnitOfWork, deed: Deed, e164: str, *, reason: str, now: dt.datetime) -> bool:
    match deed:
        case "block":
            return await safety.block(work, e164, reason=reason[:MOST_REASON], now=now)
        case "unblock":
            return await safety.unblock(work, e164)
        case "suppress":
            return await safety.suppress(work, e164, now=now)
        case "allow":
            return await safety.allow_again(work, e164)
        case other:
            assert_never(other)


def _listed(file: Path) -> Iterator[str]:
    """The numbers of a list: one a line, whatever follows a # is a remark."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("unreadable_file", f"{file}: {error}") from error
    for at, line in enumerate(text.splitlines(), start=1):
        if written := line.partition("#")[0].strip():
            yield _number(written, where=f"{file}, line {at}: ")


def _number(written: str, *, where: str = "") -> str:
    e164 = _BETWEEN.sub("", written)
    if not _E164.fullmatch(e164):
        raise InvalidInput("number_invalid", f"{where}{written!r} is no number like +14155551234")
    return e164
