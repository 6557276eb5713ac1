"""What a watcher of a call sees, event by event."""

import datetime as dt
from typing import Any

import pytest

from voice_engine.cli.captions import CallView, Caption
from voice_engine.ports.call import CallSpec, Category, EngineEvent, Submission

SPEC = CallSpec(
    call_id="c1",
    direction="outbound",
    language="en",
    answered_at=dt.datetime(2026, 2, 13, 10, tzinfo=dt.UTC),
    submission=Submission(
        task_category=Category.RESTAURANT, task_description="a table", respondent_phone="+15550100"
    ),
)


def view(*events: tuple[int, str, dict[str, Any]]) -> CallView:
    seen = CallView(spec=SPEC)
    for number, (at_ms, type_, facts) in enumerate(events, 1):
        seen.on_event(EngineEvent(sequence=number, at_ms=at_ms, type=type_, facts=facts))
    return seen


def test_a_call_that_rings_costs_nothing() -> None:
    assert (view().phase, view().credits()) == ("ringing", "0.0")


def test_an_answered_call_costs_by_the_started_minute() -> None:
    answered = (0, "call.answered", {"direction": "outbound"})

    assert view(answered).credits() == "1.1"
    assert view(answered, (60_001, "speech.started", {})).credits() == "1.2"


def test_the_floor_goes_round() -> None:
    phases = []
    seen = view((0, "call.answered", {}))
    happenings: list[tuple[str, dict[str, Any]]] = [
        ("speech.started", {}),
        ("turn.human", {"pii_text": "Hello?"}),
        ("reply.started", {"latency_ms": 612}),
        ("speech.started", {}),
        ("reply.ended", {"how": "cleared"}),
        ("call.ended", {}),
    ]
    for type_, facts in happenings:
        seen.on_event(EngineEvent(sequence=1, at_ms=1, type=type_, facts=facts))
        phases.append(seen.phase)

    assert phases == ["caller speaks", "thinking", "engine speaks", "interrupted", "listening", "ended"]


def test_captions_of_both_sides_with_the_answers_latency() -> None:
    seen = view(
        (0, "call.answered", {}),
        (900, "turn.human", {"pii_text": "Hello?", "start_ms": 100}),
        (1500, "reply.started", {"latency_ms": 612.0}),
        (4000, "turn.ai", {"pii_text": "Hi there.", "pii_heard": "Hi there.", "interrupted": False}),
    )

    assert [(c.speaker, c.text, c.at_ms, c.latency_ms) for c in seen.captions] == [
        ("HUMAN", "Hello?", 100, None),
        ("AI", "Hi there.", 1500, 612.0),
    ]


def test_the_engines_words_show_as_it_begins_each_clause() -> None:
    seen = view((0, "call.answered", {}), (900, "reply.clause", {"reply": 1, "pii_text": "Hi there."}))
    (prepared,) = seen.shown()
    seen.on_event(EngineEvent(sequence=9, at_ms=1500, type="reply.started", facts={"latency_ms": 612.0}))
    seen.on_event(EngineEvent(sequence=10, at_ms=1600, type="reply.clause", facts={"pii_text": "A table?"}))

    (spoken,) = seen.shown()

    assert (prepared.text, prepared.unfinished) == ("Hi there.", True)
    assert (spoken.text, spoken.unfinished, spoken.at_ms, spoken.latency_ms) == (
        "Hi there. A table?",
        False,
        1500,
        612.0,
    )


def test_after_an_interruption_the_unheard_words_stay_marked() -> None:
    seen = view(
        (0, "call.answered", {}),
        (900, "reply.clause", {"pii_text": "one two three"}),
        (1000, "reply.started", {"latency_ms": None}),
        (2000, "turn.ai", {"pii_text": "one two three", "pii_heard": "one", "interrupted": True}),
    )

    (caption,) = seen.shown()

    assert (caption.spoken(), caption.unheard()) == ("one", "two three")


def test_a_withdrawn_reply_leaves_no_trace() -> None:
    """The caller went on: the turn is open again, and what the engine was about to say was never said."""
    seen = view(
        (0, "call.answered", {}),
        (900, "turn.human", {"pii_text": "A table for", "start_ms": 100}),
        (950, "reply.clause", {"pii_text": "For how many?"}),
        (990, "reply.withdrawn", {"reply": 1}),
    )

    assert [(caption.text, caption.unfinished) for caption in seen.shown()] == [("A table for", True)]


def test_a_resumed_reply_has_the_floor_again() -> None:
    seen = view(
        (0, "call.answered", {}),
        (1, "reply.started", {"latency_ms": None}),
        (2, "speech.started", {}),
        (3, "reply.resumed", {}),
    )

    assert seen.phase == "engine speaks"


def test_interim_words_give_way_to_the_turn() -> None:
    interim = (500, "transcript.interim", {"pii_text": "I can do"})

    assert view(interim).interim == "I can do"
    assert view(interim, (900, "turn.human", {"pii_text": "I can do nine"})).interim == ""


@pytest.mark.parametrize(
    ("heard", "spoken", "unheard"),
    [
        (None, "one two three", ""),
        ("one two three", "one two three", ""),
        ("one two", "one two", "three"),
        ("", "", "one two three"),
    ],
)
def test_unheard_words_are_what_follows_the_heard_ones(heard: str | None, spoken: str, unheard: str) -> None:
    caption = Caption(at_ms=0, speaker="AI", text="one two three", heard=heard)

    assert (caption.spoken(), caption.unheard()) == (spoken, unheard)


@pytest.mark.parametrize(
    ("type_", "facts", "words"),
    [
        ("backchannel", {"pii_text": "mm-hm"}, "mm-hm"),
        ("reply.resumed", {}, "resumed"),
        ("dtmf.sent", {"digits": "1"}, "1"),
        ("tool.called", {"tool": "calendar.free"}, "calendar.free"),
        ("signal", {"kind": "beep"}, "beep"),
        ("signal", {"kind": "music", "playing": True}, "hold music"),
        ("signal", {"kind": "limit", "which": "turns"}, "turns"),
        ("provider.failed", {"provider": "openai", "code": "llm_timeout"}, "openai"),
    ],
)
def test_what_else_happens_is_noted(type_: str, facts: dict[str, Any], words: str) -> None:
    assert words in view((0, type_, facts)).notes[-1]


def test_an_event_of_a_later_version_is_passed_over() -> None:
    assert view((0, "call.answered", {}), (5, "brand.new", {})).notes == []
