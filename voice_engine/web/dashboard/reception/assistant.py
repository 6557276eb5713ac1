"""The assistant's page: who answers, what it calls itself, how it begins, with which voice, in which language."""

from starlette.responses import Response

from voice_engine.domains.answering.readiness import read_readiness
from voice_engine.domains.assistants.greeting import default_greeting, disclosed, discloses
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.assistants.service import Overview, greeting_of
from voice_engine.domains.minutes.plans import TIERS, Feature, Tier
from voice_engine.domains.prompts import repository as organizations
from voice_engine.domains.prompts.sections import as_language
from voice_engine.domains.voices.catalogue import CATALOGUE
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import GreetingMode, Language
from voice_engine.rest.api.assistants.schemas import FirstMessageIn, NameIn, RenameIn
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.web.dashboard.reception.forms import Typed, parse, seal
from voice_engine.web.dashboard.reception.reach import (
    assistants_of,
    gates_of,
    plan_of,
    require,
    surface_of,
    text_of,
)
from voice_engine.web.dashboard.view import View

PAGE = "/app/reception/assistant"


async def show_assistant(view: View) -> Response:
    """The page."""
    return await _page(view, Typed())


async def create(view: View) -> Response:
    """One more, within the plan."""
    form = await view.form()
    body, faults = parse(RenameIn, {"name": text_of(form, "name").strip()})
    if body is None:
        return await _page(view, Typed(form="create", faults=faults), status=422)
    async with view.store.begin(view.organization_id) as work:
        await assistants_of(view).create(
            work, f"app-{new_id()}", body.name, plan=plan_of(view), author=view.viewer.user_id
        )
    return view.go(f"{PAGE}?done=created")


async def rename(view: View) -> Response:
    """The label in lists."""
    body, _ = parse(RenameIn, {"name": text_of(await view.form(), "name").strip()})
    if body is None:
        raise InvalidInput("validation_error", view.words["fault_label"])
    async with view.store.begin(view.organization_id) as work:
        await assistants_of(view).rename(work, _id(view), body.name)
    return view.go(f"{PAGE}?done=renamed")


async def make_primary(view: View) -> Response:
    """Have another one answer."""
    async with view.store.begin(view.organization_id) as work:
        await assistants_of(view).make_primary(work, _id(view))
    return view.go(f"{PAGE}?done=primary")


async def delete(view: View) -> Response:
    """Out of service."""
    async with view.store.begin(view.organization_id) as work:
        await assistants_of(view).delete(work, _id(view))
    return view.go(f"{PAGE}?done=deleted")


async def set_name(view: View) -> Response:
    """What it calls itself."""
    require(view, Feature.ASSISTANT_NAME)
    typed = text_of(await view.form(), "name")
    body, faults = parse(NameIn, {"name": typed})
    if body is None:
        return await _page(view, Typed(form="name", values={"name": typed}, faults=faults), status=422)
    async with view.store.begin(view.organization_id) as work:
        await assistants_of(view).set_spoken_name(work, body.name, author=view.viewer.user_id)
    return view.go(f"{PAGE}?done=name")


async def set_language(view: View) -> Response:
    """Which language it speaks."""
    language = text_of(await view.form(), "language")
    if language not in {"en", "es"}:
        raise InvalidInput("validation_error", "language must be en or es")
    async with view.store.begin(view.organization_id) as work:
        await assistants_of(view).set_language(work, as_language(language), author=view.viewer.user_id)
    return view.go(f"{PAGE}?done=language")


async def set_greeting(view: View) -> Response:
    """How calls begin."""
    form = await view.form()
    values = {"mode": text_of(form, "mode"), "text": text_of(form, "text").strip()}
    given = {"mode": values["mode"], **({"firstMessage": values["text"]} if values["text"] else {})}
    body, faults = parse(FirstMessageIn, given)
    if body is None:
        told = {"text": faults.get("firstMessage", "fault_invalid")}
        return await _page(view, Typed(form="greeting", values=values, faults=told), status=422)
    async with view.store.begin(view.organization_id) as work:
        assistant = await assistants_of(view).primary(work, lock=True)
        stale = text_of(form, "seen") != _seen(assistant)
        if not stale:
            ours = assistant.first_message is None and values["text"] == await _default(work, assistant)
            await assistants_of(view).set_first_message(work, body.mode, None if ours else values["text"])
    if stale:
        words = view.words
        other = {
            words[f"mode_{assistant.first_message_mode}"]: assistant.first_message or words["as_greeting_ours"]
        }
        return await _page(view, Typed(form="greeting", values=values, other=other), status=409)
    return view.go(f"{PAGE}?done=greeting#greeting")


async def hear_greeting(view: View) -> Response:
    """What callers would hear of a greeting that is being written: a fragment."""
    form = await view.form()
    text, mode = text_of(form, "text").strip(), text_of(form, "mode")
    async with view.store.read(view.organization_id) as work:
        assistant = await assistants_of(view).primary(work)
        text = text or await _default(work, assistant)
    language = as_language(assistant.language)
    return view.page(
        "reception/_heard.html",
        heard=disclosed(text, language),
        added=not discloses(text, language),
        mode=mode if mode in set(GreetingMode) else assistant.first_message_mode,
    )


async def set_voice(view: View) -> Response:
    """Another voice."""
    require(view, Feature.VOICE)
    voice_id = text_of(await view.form(), "voice")
    async with view.store.begin(view.organization_id) as work:
        await assistants_of(view).set_voice(work, voice_id, None, author=view.viewer.user_id)
    return view.go(f"{PAGE}?done=voice#voice")


async def _page(view: View, typed: Typed, *, status: int = 200) -> Response:
    plan, now = plan_of(view), view.services.now()
    async with view.store.read(view.organization_id) as work:
        overview = await assistants_of(view).overview(work)
        organization = await organizations.organization(work)
        readiness = await read_readiness(work, at=now)
    primary = _primary(overview)
    language: Language = as_language(primary.language) if primary else "en"
    greeting = "" if primary is None else greeting_of(primary, organization)
    numbers: dict[str, list[str]] = {}
    for line in readiness.lines:
        if line.assistant is not None:
            numbers.setdefault(line.assistant.id, []).append(line.number.e164)
    return view.page(
        "reception/assistant.html",
        status=status,
        typed=typed,
        assistants=overview.assistants,
        numbers=numbers,
        primary=primary,
        spoken=None if primary is None else spoken_name(primary),
        greeting=greeting,
        heard=disclosed(greeting, language) if primary else "",
        added=primary is not None and not discloses(greeting, language),
        seen="" if primary is None else _seen(primary),
        modes=list(GreetingMode),
        voices=CATALOGUE,
        has_samples=surface_of(view).previews is not None,
        gates=gates_of(view, Feature.ASSISTANT_NAME, Feature.VOICE),
        room=TIERS[plan].assistants,
        larger=next((tier for tier in Tier if TIERS[tier].assistants > TIERS[plan].assistants), None),
    )


def _primary(overview: Overview) -> Assistant | None:
    return next((each.assistant for each in overview.assistants if each.is_primary), None)


async def _default(work: UnitOfWork, assistant: Assistant) -> str:
    """Our greeting, which stands in the form of an owner who wrote none."""
    organization = await organizations.organization(work)
    language = as_language(assistant.language)
    return default_greeting(business=organization.name, name=spoken_name(assistant), language=language)


def _seen(assistant: Assistant) -> str:
    return seal(assistant.id, assistant.first_message_mode, assistant.first_message)


def _id(view: View) -> str:
    return str(view.request.path_params["id"])
