"""The prompt: its text and where each line comes from, its versions and what changed, and ways to change it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from voice_engine.domains.minutes.plans import Feature
from voice_engine.domains.prompts.comparing import Comparison, compare
from voice_engine.domains.prompts.history import get_revision, list_revisions
from voice_engine.domains.prompts.outline import outline
from voice_engine.domains.prompts.rewriting import REWRITABLE, Proposal
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.domains.prompts.service import Kept
from voice_engine.errors import Conflict, InvalidInput, NotFound
from voice_engine.rest.api.prompt.schemas import LONGEST_PROMPT, PromptIn
from voice_engine.web.dashboard.reception.forms import parse
from voice_engine.web.dashboard.reception.reach import assistants_of, gates_of, prompts_of, require, text_of
from voice_engine.web.dashboard.view import View

PAGE = "/app/reception/prompt"
SHOWN, PER_PAGE = 8, 25
"""Versions on the prompt's page, and on a page of its history."""

HOMES: Mapping[SectionKey, str] = {
    SectionKey.PERSONA: "/app/reception/assistant",
    SectionKey.CONTEXT: "/app/reception/business#info",
    SectionKey.HOURS: "/app/reception/business",
    SectionKey.ADDRESS: "/app/reception/business#address",
    SectionKey.HANDLING: "/app/reception/business#transfer",
    SectionKey.TOOLS: "/app/reception/knowledge",
}
"""Where the settings of each managed section are."""


async def show_prompt(view: View) -> Response:
    """The page."""
    return await _page(view)


async def save(view: View) -> Response:
    """Another text."""
    require(view, Feature.PROMPT)
    form = await view.form()
    text = text_of(form, "text")
    body, faults = parse(PromptIn, {"systemPrompt": text, "version": _number(text_of(form, "version"))})
    if body is None:
        return await _page(view, text=text, fault=faults.get("systemPrompt", "fault_invalid"), status=422)
    try:
        await prompts_of(view).rewriting.replace(
            view.organization_id, text, version=body.version or None, author=view.viewer.user_id
        )
    except Conflict:
        return await _page(view, text=text, is_stale=True, status=409)
    return view.go(f"{PAGE}?done=prompt")


async def preview(view: View) -> Response:
    """What saving a text would change: a fragment."""
    text = text_of(await view.form(), "text")
    if len(text) > LONGEST_PROMPT:
        raise InvalidInput("validation_error", view.words["fault_too_long"])
    kept = await _kept(view)
    return view.page("reception/_diff.html", diff=await _compared(kept.document.text, text))


async def show_history(view: View) -> Response:
    """Older versions."""
    before = _number(view.request.query_params.get("before", "")) or None
    async with view.store.read(view.organization_id) as work:
        assistant = await assistants_of(view).primary(work)
        page = await list_revisions(work, assistant.id, before=before, limit=PER_PAGE)
    return view.page("reception/history.html", page=page, **_gates(view))


async def show_comparison(view: View) -> Response:
    """Any two versions side by side."""
    asked = view.request.query_params
    first, second = _number(asked.get("from", "")), _number(asked.get("to", ""))
    async with view.store.read(view.organization_id) as work:
        assistant = await assistants_of(view).primary(work)
        old = None if first == 0 else await get_revision(work, assistant.id, first)
        new = await get_revision(work, assistant.id, second)
        page = await list_revisions(work, assistant.id, before=second + 1, limit=1)
    diff = await _compared(old.text if old else "", new.text)
    return view.page(
        "reception/comparison.html",
        first=first,
        second=second,
        diff=diff,
        view_of=page.revisions[0],
        **_gates(view),
    )


async def show_restoring(view: View) -> Response:
    """What taking an old version back would change."""
    require(view, Feature.PROMPT)
    version, today = _version(view), view.request.query_params.get("facts", "today") == "today"
    proposal = await prompts_of(view).rewriting.propose_restored(
        view.organization_id, version, facts_of_today=today
    )
    return view.page(
        "reception/restoring.html", old=version, today=today, proposal=proposal, diff=await _diff(proposal)
    )


async def restore(view: View) -> Response:
    """Take it back."""
    require(view, Feature.PROMPT)
    form = await view.form()
    await prompts_of(view).rewriting.restore(
        view.organization_id,
        _version(view),
        facts_of_today=text_of(form, "facts") == "today",
        expected=_number(text_of(form, "version")),
        author=view.viewer.user_id,
    )
    return view.go(f"{PAGE}?done=restored")


async def propose(view: View) -> Response:
    """What persona and context would read like, written anew."""
    require(view, Feature.PROMPT)
    sections = _asked(await view.form())
    proposal = await prompts_of(view).rewriting.propose(view.organization_id, sections)
    return view.page(
        "reception/proposal.html",
        sections=sections,
        proposal=proposal,
        diff=await _diff(proposal),
        has_model=prompts_of(view).rewriting.has_model,
    )


async def take(view: View) -> Response:
    """Make what was proposed true."""
    require(view, Feature.PROMPT)
    form = await view.form()
    sections = _asked(form)
    wordings = {key: text.split("\n") for key in sections if (text := text_of(form, f"wording.{key.value}"))}
    await prompts_of(view).rewriting.take(
        view.organization_id,
        sections,
        wordings,
        version=_number(text_of(form, "version")),
        author=view.viewer.user_id,
    )
    return view.go(f"{PAGE}?done=regenerated")


async def _page(
    view: View, *, text: str | None = None, fault: str = "", is_stale: bool = False, status: int = 200
) -> Response:
    try:
        kept = await _kept(view)
    except NotFound:
        return view.page("reception/none.html", title=view.words["nav_tab_prompt"])
    async with view.store.read(view.organization_id) as work:
        history = await list_revisions(work, kept.assistant_id, limit=SHOWN)
    now = kept.document.text
    return view.page(
        "reception/prompt.html",
        status=status,
        text=now if text is None else text,
        version=max(1, kept.version),
        fault=fault,
        is_stale=is_stale,
        diff=await _compared(now, text) if text is not None and is_stale else None,
        blocks=await asyncio.to_thread(outline, kept.document),
        homes=HOMES,
        page=history,
        rewritable=REWRITABLE,
        has_model=prompts_of(view).rewriting.has_model,
        longest=LONGEST_PROMPT,
        **_gates(view),
    )


async def _kept(view: View) -> Kept:
    async with view.store.read(view.organization_id) as work:
        return await prompts_of(view).service.load(work, await assistants_of(view).primary(work))


async def _compared(old: str, new: str) -> Comparison:
    """In a thread: two texts of the longest take a moment."""
    return await asyncio.to_thread(compare, old, new)


async def _diff(proposal: Proposal) -> Comparison:
    return await _compared(proposal.before, proposal.text)


def _gates(view: View) -> dict[str, Any]:
    return {"gates": gates_of(view, Feature.PROMPT)}


def _asked(form: Mapping[str, Any]) -> Sequence[SectionKey]:
    """The sections that are ticked; none is both."""
    asked = [key for key in REWRITABLE if text_of(form, f"section.{key.value}")]
    return asked or list(REWRITABLE)


def _version(view: View) -> int:
    return _number(str(view.request.path_params["version"]))


def _number(text: str) -> int:
    """A version; 0: it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
