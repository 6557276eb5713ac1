"""`voice-engine data`: what is held about a number, given out or erased; how long calls are kept."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from voice_engine.bootstrap.service import call_files, open_blobs
from voice_engine.cli.calls import read_settings
from voice_engine.cli.console import EXIT_EXPECTATION, EXIT_OK, emit_json, out
from voice_engine.cli.installation import Installation, at_installation, the_user
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.privacy.service import Held, Privacy, check_number
from voice_engine.errors import InvalidInput

OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataOptions:
    """What the commands take. `user` empty: the only account."""

    user: str = ""
    number: str = ""
    out: Path | None = None
    yes: bool = False
    days: int | None = None
    keep: bool = False
    as_json: bool = False


def export(options: DataOptions) -> int:
    """Write everything about a number into a ZIP."""
    number, target = check_number(options.number), options.out
    assert target is not None, "the option is required"
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise InvalidInput("bad_target", f"{target}: name a file in a folder that is there")
    held = _with_privacy(
        options, lambda privacy, organization: privacy.export(organization, number, target, actor=OPERATOR)
    )
    if options.as_json:
        emit_json({"file": str(target), **asdict(held)})
    else:
        out().print(f"{target}: {describe(held)}", markup=False, soft_wrap=True)
    return EXIT_OK


def erase(options: DataOptions) -> int:
    """List what an erasure would delete; with `yes`, delete it. 1: calls are open, so that it must be run again."""
    number = check_number(options.number)

    async def work(privacy: Privacy, organization_id: str) -> Held:
        if options.yes:
            return await privacy.erase(organization_id, number, actor=OPERATOR)
        return await privacy.list_held(organization_id, number)

    held = _with_privacy(options, work)
    if options.as_json:
        emit_json({"erased": options.yes, **asdict(held)})
    else:
        done = "Erased" if options.yes else "Would erase"
        out().print(f"{done}: {describe(held)}", markup=False, soft_wrap=True)
        if not options.yes and not held.nothing:
            out().print("Nothing was changed. Add --yes to erase it; it cannot be brought back.")
        if held.open_calls:
            out().print(f"{held.open_calls} not over, or over for less than 5 minutes: run this again later.")
    return EXIT_EXPECTATION if options.yes and held.open_calls else EXIT_OK


def retention(options: DataOptions) -> int:
    """Show how long calls are kept, or set it."""
    if options.keep and options.days is not None:
        raise InvalidInput("retention_invalid", "--days and --keep exclude each other")

    async def work(privacy: Privacy, organization_id: str) -> None:
        if options.keep or options.days is not None:
            await privacy.set_retention(organization_id, options.days, actor=OPERATOR)

    async def whole(here: Installation) -> int | None:
        organization_id = await _organization(here, options.user)
        await work(_privacy(here), organization_id)
        async with here.store.system("the operator's command", writes=False) as unit:
            return (await accounts.get_organization(unit, organization_id)).retention_days

    days = at_installation(whole)
    if options.as_json:
        emit_json({"retention_days": days})
    else:
        kept = "until they are deleted by hand" if days is None else f"for {days} days after the call"
        out().print(f"Recordings, transcripts and voicemails are kept {kept}.")
    return EXIT_OK


def describe(held: Held) -> str:
    """In a line what there is."""
    if held.nothing:
        return "nothing is held about this number"
    parts = [f"{held.calls} calls", f"{held.recordings} recordings", f"{held.voicemails} voicemails"]
    parts += [f"{held.bookings} bookings"] if held.bookings else []
    return ", ".join([*parts, "1 contact" if held.contact else "no contact"])


def _with_privacy(options: DataOptions, do: Callable[[Privacy, str], Awaitable[Held]]) -> Held:
    async def work(here: Installation) -> Held:
        return await do(_privacy(here), await _organization(here, options.user))

    return at_installation(work)


def _privacy(here: Installation) -> Privacy:
    settings = read_settings()
    return Privacy(here.store, open_blobs(settings), call_files(settings), now=lambda: dt.datetime.now(dt.UTC))


async def _organization(here: Installation, email: str) -> str:
    async with here.store.system("the operator's command", writes=False) as unit:
        return (await the_user(unit, email, also_disabled=True)).organization_id
