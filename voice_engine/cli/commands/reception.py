"""`voice-engine reception FILE`: have an account's calls answered as a file says (docs/FORMATS.md, `assistant`)."""

from pathlib import Path

from voice_engine.cli.console import EXIT_OK, emit_json, out
from voice_engine.cli.installation import Installation, at_installation, the_user
from voice_engine.cli.serving.media import read_assistant
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.inbound.house import set_reception
from voice_engine.errors import InvalidInput


def run(path: Path, *, user: str, as_json: bool) -> int:
    """Read the file and keep it. Raises InvalidInput naming file, line and key; NotFound `user_not_found`."""
    spec = read_assistant(path)
    assistant = spec.assistant
    if assistant is None:
        raise InvalidInput("no_assistant", f"{path} has no `assistant`: it describes an outbound call")

    async def work(here: Installation) -> str:
        async with here.store.system("the operator's command", writes=False) as unit:
            owner = await the_user(unit, user)
        async with here.store.begin(owner.organization_id) as unit:
            await set_reception(unit, assistant, spec.language, now=here.now())
            organization = await accounts.get_organization(unit, owner.organization_id)
            organization.timezone = assistant.business.timezone
        return owner.email

    email = at_installation(work)
    if as_json:
        emit_json({"user": email, "business": assistant.business.name})
    else:
        out().print(f"Calls of {email} are now answered for {assistant.business.name}.", markup=False)
    return EXIT_OK
