"""A call's page: its record, its time axis, its audio, what of it can be taken away, and its events while live."""

from dataclasses import dataclass

import orjson
from markupsafe import Markup
from starlette.responses import Response

from voice_engine.domains.answering.record import CallRecord, Lack, read_record
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.peaks import RecordingPeaks
from voice_engine.errors import InvalidInput, NotFound
from voice_engine.ports.blobs import BlobStore
from voice_engine.rest.files import blob_headers, blob_response, gone
from voice_engine.rest.v1.inbound.streams import EventStream
from voice_engine.web.dashboard.calls import page_facts as facts
from voice_engine.web.dashboard.calls.following import CallFollowing, Follower
from voice_engine.web.dashboard.calls.list_rows import can_be_changed, number_to_call_back
from voice_engine.web.dashboard.live.routes import live_controls
from voice_engine.web.dashboard.view import View, route
from voice_engine.web.dashboard.viewer import find_viewer

NAME = "call_page"
EXTRA = "callpage"
"""The name under which `Site.extras` has this page's services."""

NO_PEAKS = b'{"per_s":0,"count":0,"channels":[]}'


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPages:
    """What the page needs besides the domains: audio, outlines of audio, and following live calls."""

    blobs: BlobStore
    peaks: RecordingPeaks
    following: CallFollowing


async def show(view: View) -> Response:
    """The page; for a script that asks for a part, what stands below its frame."""
    record = await _record(view)
    words, formats = view.words, view.formats
    live = await live_controls(view, record.call)
    cost = facts.cost_of(record, words, formats, view.services.now(), is_business=view.viewer.is_business)
    details = facts.detail_rows(record, words, formats)
    if view.viewer.is_business:  # minutes beside the length would say it twice
        details.append((words["page_cost"], cost))
    return view.page(
        "calls/_body.html" if view.is_fragment else "calls/page.html",
        record=record,
        call=record.call,
        lines=[facts.line_of(entry) for entry in record.entries],
        title=facts.title_of(record, words),
        chips=facts.state_chips(record.call, words),
        agreed=facts.facts_of(record, words, formats),
        details=details,
        cost=cost,
        no_recording=facts.why_not(record, "recording", words),
        no_transcript=facts.why_not(record, "transcript", words),
        script={key.removeprefix("page_js_"): text for key, text in words.items() if key.startswith("page_js_")},
        live=live,
        latency=facts.latency_words(record, words),
        legend=facts.legend_of(record),
        call_back=number_to_call_back(view, record.call),
        can_be_changed=can_be_changed(record.call),
        needs_plan=Lack.PLAN in {record.no_recording, record.no_transcript},
    )


async def axis(view: View) -> Response:
    """What the page's scripts draw."""
    return view.answer(facts.axis_of(await _record(view)))


async def peaks(view: View) -> Response:
    """The outline of the recording."""
    record = await _record(view)
    if record.no_recording is not None:
        raise gone("recording_not_found")
    outline = await _pages(view).peaks.read(record.call)
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(outline or NO_PEAKS, media_type="application/json", headers=headers)


async def audio(view: View) -> Response:
    """The recording, whole or a range of its bytes."""
    record = await _record(view)
    key = record.call.recording_key
    if record.no_recording is not None or key is None:
        raise gone("recording_not_found")
    return await _blob(view, key, f"call-{record.call.id}.wav")


async def voicemail(view: View) -> Response:
    """The message that the caller left."""
    record = await _record(view)
    if record.voicemail is None or record.voicemail.blob_key is None:
        raise gone("voicemail_not_found")
    return await _blob(view, record.voicemail.blob_key, f"voicemail-{record.voicemail.id}.wav")


async def calendar(view: View) -> Response:
    """What was agreed, as an iCalendar file."""
    record = await _record(view)
    if record.call.ics is None:
        raise NotFound("appointment_not_found", "no appointment was agreed in this call")
    return _download(record.call.ics.encode(), "text/calendar; charset=utf-8", f"call-{record.call.id}.ics")


async def whole(view: View) -> Response:
    """Everything that is kept of the call."""
    record = await _record(view)
    content = orjson.dumps(facts.whole_of(record), option=orjson.OPT_INDENT_2)
    return _download(content, "application/json", f"call-{record.call.id}.json")


async def events(view: View) -> Response:
    """What happens in the call, as it happens."""
    record, following = await _record(view), _pages(view).following
    following.check_room(view.viewer.user_id)
    request, identity = view.request, view.services.identity
    assert identity is not None, "the web app needs the sign-in"
    environment, words, formats = view.site.environment, view.words, view.formats

    def show_line(entry: TranscriptEntry) -> str:
        line = facts.line_of(entry)
        return environment.get_template("calls/_line_alone.html").render(line=line, w=words, f=formats)

    def show_state(call: Call) -> str:
        chip = Markup('<span class="chip {}">{}</span>')
        return Markup(" ").join(chip.format(look, text) for look, text in facts.state_chips(call, words))

    async def still_good() -> bool:
        viewer = await find_viewer(identity, request)
        return viewer is not None and viewer.organization_id == view.organization_id

    follower = Follower(
        organization_id=view.organization_id,
        user_id=view.viewer.user_id,
        call_id=record.call.id,
        after=_place(view, record),
        shows_words=record.no_transcript is not Lack.PLAN,
        show_line=show_line,
        show_state=show_state,
        still_good=still_good,
    )
    return EventStream(following.follow(follower), follower)


def _place(view: View, record: CallRecord) -> int:
    """The number of the last event that the page has: the browser's own word when it comes again."""
    given = view.request.headers.get("last-event-id") or view.request.query_params.get("after")
    if given is None:
        return record.last_event
    if not given.isdecimal() or len(given) > 18:
        raise InvalidInput("validation_error", "Last-Event-ID is the number of an event")
    return int(given)


async def _record(view: View) -> CallRecord:
    async with view.store.read(view.organization_id) as work:
        plan = view.viewer.person.tier
        return await read_record(work, view.request.path_params["id"], plan=plan, now=view.services.now())


def _pages(view: View) -> CallPages:
    pages = view.site.extras[EXTRA]
    assert isinstance(pages, CallPages), "the composition root names it"
    return pages


async def _blob(view: View, key: str, filename: str) -> Response:
    blobs = _pages(view).blobs
    info = await blobs.find(key)
    if info is None:
        raise gone("recording_not_found")
    headers = blob_headers(info, content_type="audio/wav", filename=filename)
    if "download" in view.request.query_params:
        headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    headers["Cache-Control"] = "private, no-cache"
    try:
        return await blob_response(view.request, blobs, key, info, headers=headers)
    except NotFound as error:  # deleted since we looked
        raise gone("recording_not_found") from error


def _download(content: bytes, media_type: str, filename: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


PAGE_ROUTES = (
    route("/app/calls/{id}", show, area=NAME),
    route("/app/calls/{id}/axis", axis, area=NAME),
    route("/app/calls/{id}/peaks", peaks, area=NAME),
    route("/app/calls/{id}/audio", audio, area=NAME),
    route("/app/calls/{id}/voicemail", voicemail, area=NAME),
    route("/app/calls/{id}/calendar", calendar, area=NAME),
    route("/app/calls/{id}/json", whole, area=NAME),
    route("/app/calls/{id}/events", events, area=NAME),
)
