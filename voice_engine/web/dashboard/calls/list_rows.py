"""What a row of the list says of a call, in the viewer's words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voice_engine.domains.calls.business import minutes_so_far, summary_of
from voice_engine.domains.calls.listing.service import CallPage, ListedCall
from voice_engine.domains.calls.listing.terms import Piece, Word, mark
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import ENDS, WAITING, CallState, Channel, EndedReason
from voice_engine.domains.minutes.plans import Feature, has
from voice_engine.web.dashboard.view import View

SHADES: Mapping[str, str] = {
    "achieved": "good",
    "talked": "good",
    "transferred": "info",
    "voicemail": "info",
    "declined": "warn",
    "unclear": "warn",
    "no_answer": "warn",
    "missed": "warn",
    "busy": "warn",
    "failed": "fault",
    "ringing": "info",
    "live": "good",
}
"""The colours of chips; what is missing has none."""

NOBODY = (CallState.NO_ANSWER, CallState.BUSY, CallState.VOICEMAIL, CallState.FAILED)
"""Ends after which calling again is what one wants next."""

MISSED = (CallState.MISSED, CallState.VOICEMAIL)
"""Ends of incoming calls after which one calls back."""

LONGEST_HIGHLIGHT = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """How a call went, or where it stands: a word and its colour."""

    word: str
    shade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One call as it is shown. `name` empty: there is none but the number."""

    id: str
    href: str
    icon: str
    direction: str
    name: tuple[Piece, ...]
    number: tuple[Piece, ...]
    is_vip: bool
    chip: Chip
    category: str
    when: str
    length: str
    cost: str
    highlight: tuple[Piece, ...]
    quote: tuple[Piece, ...]
    quoted: str
    can_be_changed: bool
    can_be_repeated: bool
    call_back: str


def rows_of(view: View, page: CallPage) -> list[Row]:
    """A page's rows."""
    return [row_of(view, listed, page.words) for listed in page.calls]


def row_of(view: View, listed: ListedCall, words: Sequence[Word] = ()) -> Row:
    """One row. `words` are marked in it."""
    call, snippet, said = listed.call, listed.snippet, view.words
    number = call.number_of_other or said["hidden_number"]
    if call.channel != Channel.PSTN and call.number_of_other is None:
        number = said[f"channel_{call.channel.lower()}"]
    return Row(
        id=call.id,
        href=f"/app/calls/{call.id}" + (f"#line-{snippet.position}" if snippet else ""),
        icon="phone-out" if call.direction == "outbound" else "phone-in",
        direction=said[f"direction_{call.direction}"],
        name=mark(listed.name, words) if listed.name else (),
        number=mark(number, words),
        is_vip=listed.is_vip,
        chip=chip_of(view, call),
        category=said[f"category_{call.category}"] if call.category else "",
        when=_when(view, call),
        length=_length(view, call),
        cost="" if view.viewer.is_business else cost_of(view, call),  # minutes are the length once more
        highlight=mark(_highlight(call), words),
        quote=snippet.pieces if snippet else (),
        quoted=said[f"speaker_{'agent' if snippet.is_agent else snippet.speaker.lower()}"] if snippet else "",
        can_be_changed=can_be_changed(call),
        can_be_repeated=call.status in NOBODY and _is_ours(call) and _can_be_dialled(call.to_number),
        call_back=number_to_call_back(view, call),
    )


def can_be_changed(call: Call) -> bool:
    """Whether it may still be moved or withdrawn."""
    return call.status in WAITING and _is_ours(call)


def number_to_call_back(view: View, call: Call) -> str:
    """The number of a caller whom nobody talked to; empty: there is none, or the plan places no calls."""
    tier, number = view.viewer.person.tier, call.number_of_other
    is_missed = call.direction == "inbound" and call.status in MISSED
    may_call = tier is None or has(tier, Feature.OUTBOUND)
    return number if number and is_missed and may_call and _can_be_dialled(number) else ""


def _is_ours(call: Call) -> bool:
    return call.direction == "outbound" and not call.is_external


def _can_be_dialled(number: str | None) -> bool:
    return re.fullmatch(r"\+\d+", number or "") is not None


def chip_of(view: View, call: Call) -> Chip:
    """How it went; of a call that is not over, where it stands."""
    kind = outcome_word(call)
    return Chip(word=view.words[f"chip_{kind}"], shade=SHADES.get(kind, ""))


def outcome_word(call: Call) -> str:
    """The key of a call's chip."""
    if call.status in WAITING:
        return call.status
    if call.status not in ENDS:
        return "ringing" if call.answered_at is None else "live"
    if call.ended_reason == EndedReason.TRANSFERRED:
        return "transferred"
    if call.status in {CallState.SUCCESS, CallState.COMPLETED}:
        return call.task_outcome or "talked"
    return call.status


def cost_of(view: View, call: Call) -> str:
    """Credits, or a business's minutes; empty for what was free."""
    if view.viewer.is_business:
        minutes = minutes_so_far(call, now=view.services.now())
        return view.words["cost_minutes"].format(minutes=view.formats.number(minutes)) if minutes else ""
    if not call.credits_used:
        return ""
    return view.words["cost_credits"].format(credits=view.formats.number(call.credits_used))


def _when(view: View, call: Call) -> str:
    if call.status in WAITING and call.scheduled_for is not None:
        return view.formats.moment(call.scheduled_for)
    return view.formats.moment(call.started_at or call.created_at)


def _length(view: View, call: Call) -> str:
    if call.status in ENDS:
        return view.formats.length(call.duration_ms / 1000) if call.duration_ms else ""
    if call.answered_at is None:
        return ""
    return view.formats.length((view.services.now() - call.answered_at).total_seconds())


def _highlight(call: Call) -> str:
    """The first highlight, else what the call came to, else what it is for."""
    asked = (call.task or {}).get("task_description") or ""
    text = str(call.highlights[0]) if call.highlights else summary_of(call) or str(asked)
    return text if len(text) <= LONGEST_HIGHLIGHT else f"{text[:LONGEST_HIGHLIGHT].rsplit(' ', 1)[0]}…"
