"""The overview: is the number answered, by whom, what is missing, what happened today."""

import datetime as dt
from zoneinfo import ZoneInfo

from starlette.responses import Response

from voice_engine.domains.answering.readiness import OPTIONAL, Standing, Step, read_readiness, read_today
from voice_engine.domains.assistants.greeting import disclosed
from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.assistants.service import greeting_of
from voice_engine.domains.prompts import repository as prompts
from voice_engine.domains.prompts.sections import as_language
from voice_engine.store.uow import UnitOfWork
from voice_engine.web.dashboard.reception.reach import surface_of
from voice_engine.web.dashboard.view import View

SHOWN = 6
"""Today's calls on the page; the others are one link away."""

LINKS = {
    Step.NUMBER: "/app/numbers",
    Step.ASSISTANT: "/app/reception/assistant",
    Step.HOURS: "/app/reception/business",
    Step.GREETING: "/app/reception/assistant#greeting",
    Step.KNOWLEDGE: "/app/reception/knowledge",
    Step.MINUTES: "/app/settings#plan",
    Step.CONTACTS: "/app/contacts",
    Step.RULES: "/app/rules",
    Step.TEST_CALL: "/app/talk",
}


NOBODY_TO_CALL = LINKS | {Step.TEST_CALL: LINKS[Step.ASSISTANT]}
"""Where a business without an assistant begins: there is nobody to talk to."""


async def show_overview(view: View) -> Response:
    """How things stand."""
    now, zone = view.services.now(), ZoneInfo(view.viewer.person.timezone)
    midnight = dt.datetime.combine(now.astimezone(zone).date(), dt.time(), zone)
    async with view.store.read(view.organization_id) as work:
        readiness = await read_readiness(work, at=now, has_minutes=await _has_minutes(view, work))
        today = await read_today(work, since=midnight, limit=SHOWN)
        organization = await prompts.organization(work)
    assistant, greeting = readiness.assistant, ""
    if assistant is not None:
        greeting = disclosed(greeting_of(assistant, organization), as_language(assistant.language))
    return view.page(
        "reception/overview.html",
        readiness=readiness,
        today=today,
        greeting=greeting,
        spoken=None if assistant is None else spoken_name(assistant),
        links=NOBODY_TO_CALL if readiness.standing is Standing.NO_ASSISTANT else LINKS,
        optional=OPTIONAL,
    )


async def _has_minutes(view: View, work: UnitOfWork) -> bool:
    minutes = surface_of(view).minutes
    if minutes is None or not view.viewer.is_business:
        return True
    reading = await minutes.read(work)
    return reading.terms.overage_on or reading.cycle.remaining > 0
