"""The page of talking, and what a call of it came to."""

import datetime as dt
from typing import Any

from starlette.responses import Response

from voice_engine.domains.assistants import repository as assistants
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository.calls import find_call
from voice_engine.domains.calls.states import LIVE, WAITING
from voice_engine.domains.inbound.composing import as_language
from voice_engine.errors import NotFound
from voice_engine.store.rows import is_id
from voice_engine.web.dashboard.talk.examples import KINDS, example_of
from voice_engine.web.dashboard.view import View, route
from voice_engine.web.dashboard.words import LANGUAGES, Language

NAME = "talk"
OF_SCRIPT = "js_"
"""Words with this prefix go to the page's scripts."""

GOOD = frozenset({"success", "completed"})


async def show_talk(view: View) -> Response:
    """The page. Its examples are for tomorrow, on the organization's own calendar."""
    tomorrow = view.formats.local(view.services.now()).date() + dt.timedelta(days=1)
    name = view.viewer.person.name.strip()
    examples = {
        language: {kind: example_of(kind, language, day=tomorrow, name=name) for kind in KINDS}
        for language in LANGUAGES
    }
    spoken = await _language_of_calls(view)
    script = {
        "language": view.language,
        "words": {
            key.removeprefix(OF_SCRIPT): text for key, text in view.words.items() if key.startswith(OF_SCRIPT)
        },
        "examples": examples,
        "timezone": view.viewer.person.timezone,
    }
    first = examples[spoken][KINDS[0]]
    return view.page("talk/page.html", kinds=KINDS, first=first, spoken=spoken, script=script)


async def _language_of_calls(view: View) -> Language:
    """What the receptionist speaks when nobody wishes otherwise: its own language, or else the page's."""
    if not view.viewer.is_business:
        return view.language
    async with view.store.read(view.organization_id) as work:
        primary = (await assistants.organization(work)).primary_assistant_id
        assistant = None if primary is None else await assistants.find(work, primary)
    return as_language(assistant.language if assistant else None) or view.language


async def show_result(view: View) -> Response:
    """What a call came to, for the page that it was held on. Raises NotFound `call_not_found`."""
    call_id = str(view.request.path_params["call_id"])
    async with view.store.read(view.organization_id) as work:
        call = await find_call(work, call_id) if is_id(call_id) else None
    if call is None:
        raise NotFound("call_not_found", view.words["error_not_found"])
    return view.answer(result_of(view, call))


def result_of(view: View, call: Call) -> dict[str, Any]:
    """A call in the words of the page. `over` False: it is still being written down."""
    over = call.status not in (*LIVE, *WAITING)
    seconds = None if call.duration_ms is None else call.duration_ms / 1000
    return {
        "callId": call.id,
        "over": over,
        "isGood": call.status in GOOD and call.task_outcome != "declined",
        "outcome": _outcome(view, call) if over else "",
        "reason": view.words.get(f"reason_{call.ended_reason}", "") if over else "",
        "summary": call.summary or "",
        "highlights": [str(each) for each in call.highlights],
        "nextSteps": [str(each) for each in call.next_steps],
        "length": view.formats.length(seconds),
        "credits": None if view.viewer.is_business else view.formats.number(call.credits_used),
        "page": f"/app/calls/{call.id}",
    }


def _outcome(view: View, call: Call) -> str:
    words = view.words
    return words.get(f"outcome_{call.task_outcome}") or words.get(f"status_{call.status}") or call.status


PAGE_ROUTES = (
    route("/app/talk", show_talk, area=NAME),
    route("/app/talk/calls/{call_id}", show_result, area=NAME),
)
