"""Knowledge: sections that are typed or uploaded, what was read of each, and the question box."""

from pathlib import PurePath

from starlette.responses import Response

from voice_engine.core.retrieval.marking import mark
from voice_engine.domains.answering.composing import Occasion
from voice_engine.domains.answering.rehearsing import Rehearsed, rehearse
from voice_engine.domains.answering.service import Answering
from voice_engine.domains.inbound.composing import Wishes
from voice_engine.domains.knowledge.models import KbFile
from voice_engine.domains.knowledge.searching import find
from voice_engine.domains.knowledge.service import SectionContent
from voice_engine.domains.knowledge.words import MAX_FILE_BYTES, MAX_TEXT_CHARS, MOST_SHOWN, key_of, label_of
from voice_engine.domains.minutes.plans import Feature
from voice_engine.domains.prompts import repository as organizations
from voice_engine.domains.prompts.sections import as_language
from voice_engine.errors import Conflict, InvalidInput, NotFound, VoiceEngineError
from voice_engine.ports.call import CallLimits
from voice_engine.rest.api.kb.multipart import received
from voice_engine.rest.v1.errors import status_of
from voice_engine.web.dashboard.reception.forms import Typed, seal
from voice_engine.web.dashboard.reception.reach import (
    assistants_of,
    gates_of,
    knowledge_of,
    prompts_of,
    require,
    surface_of,
    text_of,
    wording,
)
from voice_engine.web.dashboard.view import View

PAGE = "/app/reception/knowledge"
PASSAGES = 3
"""As many as a call gets (`ports.knowledge.Knowledge.search`)."""
LONGEST_QUESTION = 500


async def show_knowledge(view: View) -> Response:
    """The page."""
    return await _page(view, Typed())


async def list_sections(view: View) -> Response:
    """The sections alone: a fragment, for after an upload."""
    async with view.store.read(view.organization_id) as work:
        sections = (await knowledge_of(view).view(work)).sections
    return view.page("reception/_sections.html", sections=sections, label_of=label_of)


async def add(view: View) -> Response:
    """A section that was typed."""
    require(view, Feature.KNOWLEDGE_BASE)
    form = await view.form()
    values = {"name": text_of(form, "name").strip(), "text": text_of(form, "text").strip()}
    key, faults = key_of(values["name"]), _faults_of(values["text"])
    if not key:
        faults["name"] = "fault_name"
    elif await _find(view, key) is not None:
        faults["name"] = "error_section_exists"
    if faults:
        return await _page(view, Typed(form="add", values=values, faults=faults), status=422)
    await knowledge_of(view).put(view.organization_id, key, text=values["text"], file_id=None, file_name=None)
    return view.go(f"{PAGE}?done=section")


async def upload(view: View) -> Response:
    """A file: JSON for the script that sends it. `?into=<key>` replaces that section's file."""
    try:
        return view.answer(await _uploaded(view))
    except VoiceEngineError as error:
        told = {"code": error.code, "message": wording(view, error)}
        return view.answer({"error": told}, status=status_of(error))


async def show_section(view: View) -> Response:
    """One section: its text, its file, what calls find in it."""
    return await _section_page(view, _key(view), Typed())


async def save_section(view: View) -> Response:
    """Another text of a section; its file stays."""
    require(view, Feature.KNOWLEDGE_BASE)
    key, form = _key(view), await view.form()
    content = await _content(view, key)
    text, file = text_of(form, "text").strip(), _uploaded_file(content)
    values = {"text": text}
    if text_of(form, "seen") != _seen(content):
        other = {label_of(key): content.section.text or ""}
        return await _section_page(view, key, Typed(form="text", values=values, other=other), status=409)
    faults = _faults_of(text) if text or file is None else {}
    if faults:
        return await _section_page(view, key, Typed(form="text", values=values, faults=faults), status=422)
    await knowledge_of(view).put(
        view.organization_id, key, text=text or None, file_id=file.id if file else None, file_name=None
    )
    return view.go(f"{PAGE}/sections/{key}?done=section")


async def rename_section(view: View) -> Response:
    """Another name."""
    require(view, Feature.KNOWLEDGE_BASE)
    key, name = _key(view), text_of(await view.form(), "name").strip()
    new = key_of(name)
    if not new:
        return await _refused_name(view, key, name, "fault_name")
    try:
        async with view.store.begin(view.organization_id) as work:
            await knowledge_of(view).rename(work, key, new)
    except Conflict:
        return await _refused_name(view, key, name, "error_section_exists")
    return view.go(f"{PAGE}/sections/{new}?done=renamed_section")


async def delete_section(view: View) -> Response:
    """Gone for every call, at once."""
    require(view, Feature.KNOWLEDGE_BASE)
    async with view.store.begin(view.organization_id) as work:
        await knowledge_of(view).delete(work, _key(view))
    return view.go(f"{PAGE}?done=section_deleted")


async def ask(view: View) -> Response:
    """What the assistant would say, and which passages answer: a fragment."""
    form = await view.form()
    question = " ".join(text_of(form, "question").split())[:LONGEST_QUESTION]
    if not question:
        raise InvalidInput("validation_error", view.words["kb_ask_empty"])
    answer = await _rehearsed(view, question, text_of(form, "language"))
    return view.page(
        "reception/_answer.html",
        question=question,
        answer=answer,
        label_of=label_of,
        mark=lambda text: mark(text, answer.query or question),
        has_model=prompts_of(view).rewriting.has_model,
    )


async def _rehearsed(view: View, question: str, language: str) -> Rehearsed:
    minutes = surface_of(view).minutes
    assert minutes is not None, "a business has its minutes"
    async with view.store.read(view.organization_id) as work:
        assistant = await assistants_of(view).primary(work)
        organization = await organizations.organization(work)
        spec = await Answering(prompts_of(view).service, minutes).spec(
            work,
            organization,
            assistant,
            occasion=Occasion(
                call_id="a question",
                direction="inbound",
                at=view.services.now(),
                other=None,
                max_seconds=CallLimits().max_seconds,
                record=False,
            ),
            wishes=Wishes(language=as_language(language or assistant.language)),
        )
        return await rehearse(spec, question, lambda query: find(work, assistant.id, query, limit=PASSAGES))


async def _uploaded(view: View) -> dict[str, object]:
    """Receive, read and attach a file."""
    require(view, Feature.KNOWLEDGE_BASE)
    knowledge, into = knowledge_of(view), view.request.query_params.get("into", "")
    await knowledge.count_upload(view.organization_id)
    async with received(view.request) as (file, name):
        key, text = into or key_of(name or PurePath(file.name).stem) or "file", None
        content = await _find(view, key)
        if into:
            text = (await _content(view, key)).section.text
        elif content is not None:
            raise Conflict("section_exists", f"there is a section {key} already")
        kept = await knowledge.upload(view.organization_id, file)
    put = await knowledge.put(view.organization_id, key, text=text, file_id=kept.id, file_name=None)
    return {"key": key, "label": label_of(key), "file": put.file.name, "passages": kept.pieces, "words": kept.words}


async def _page(view: View, typed: Typed, *, status: int = 200) -> Response:
    async with view.store.read(view.organization_id) as work:
        try:
            shown = await knowledge_of(view).view(work)
        except NotFound:
            return view.page("reception/none.html", title=view.words["nav_tab_knowledge"])
    return view.page(
        "reception/knowledge.html",
        status=status,
        typed=typed,
        sections=shown.sections,
        assistant=shown.assistant,
        label_of=label_of,
        most_bytes=MAX_FILE_BYTES,
        most_chars=MAX_TEXT_CHARS,
        gates=gates_of(view, Feature.KNOWLEDGE_BASE),
    )


async def _section_page(view: View, key: str, typed: Typed, *, status: int = 200) -> Response:
    content = await _content(view, key)
    return view.page(
        "reception/section.html",
        status=status,
        typed=typed,
        content=content,
        file=_uploaded_file(content),
        label=label_of(key),
        seen=_seen(content),
        pieces=sum(file.pieces for file in content.files),
        words=sum(file.words for file in content.files),
        most_shown=MOST_SHOWN,
        most_bytes=MAX_FILE_BYTES,
        most_chars=MAX_TEXT_CHARS,
        gates=gates_of(view, Feature.KNOWLEDGE_BASE),
    )


async def _refused_name(view: View, key: str, name: str, fault: str) -> Response:
    typed = Typed(form="rename", values={"name": name}, faults={"name": fault})
    return await _section_page(view, key, typed, status=422)


async def _content(view: View, key: str) -> SectionContent:
    async with view.store.read(view.organization_id) as work:
        return await knowledge_of(view).read(work, key)


async def _find(view: View, key: str) -> SectionContent | None:
    try:
        return await _content(view, key)
    except NotFound as missing:
        if missing.code != "section_not_found":
            raise
        return None


def _uploaded_file(content: SectionContent) -> KbFile | None:
    return next((file for file in content.files if not file.is_written), None)


def _faults_of(text: str) -> dict[str, str]:
    if not text:
        return {"text": "fault_missing"}
    return {"text": "fault_too_long"} if len(text) > MAX_TEXT_CHARS else {}


def _seen(content: SectionContent) -> str:
    return seal(content.section.id, content.section.updated_at, content.section.text)


def _key(view: View) -> str:
    return str(view.request.path_params["key"])
