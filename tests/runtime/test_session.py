"""Whole calls over the built-in carrier on virtual time: real speech on the line, scripted ears and voice."""

import itertools
from collections.abc import AsyncGenerator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.call_rig import RECEPTIONIST, RESTAURANT, Call, ClipLine, Say, TextSTT, ToneTTS, clip
from tests.fakes.stt import FragileSTT
from voice_engine.audio.frames import PCM
from voice_engine.audio.wav import read_stereo_wav
from voice_engine.carrier.faults import FaultPlan, Signal
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import Disposition, GreetingMode, Status, TaskOutcome
from voice_engine.ports.tts import SpeechRequest
from voice_engine.runtime.journal import JournalEntry, MemoryJournal
from voice_engine.runtime.session import CallSession
from voice_engine.runtime.settings import SessionSettings

GREETING = "Thank you for calling Bright Smile, how may I help you today? This call is recorded."


def test_a_call_is_held_and_reported() -> None:
    rig = Call(line=ClipLine(Say(clip()), hang_up_after_ms=4_000), texts=["Where are you located?"]).run()

    assert [turn.speaker for turn in rig.report.turns] == ["AI", "HUMAN", "AI"]
    assert rig.report.turns[0].heard_text == GREETING
    assert "12 High Street" in rig.report.turns[2].text
    assert rig.report.outcome.status is Status.COMPLETED
    assert rig.report.credits_used == "1.1"
    assert rig.record.violations() == []
    assert [event.sequence for event in rig.events] == list(range(1, len(rig.events) + 1))


def test_each_clause_is_told_before_it_sounds() -> None:
    """A watcher sees the engine's words while they are spoken: later they would be no captions."""
    rig = Call(line=ClipLine(Say(clip()), hang_up_after_ms=4_000), texts=["Where are you located?"]).run()

    told = [event for event in rig.events if event.type in {"reply.clause", "reply.started", "turn.ai"}]
    first = [event.type for event in told][: [event.type for event in told].index("turn.ai") + 1]
    words = [str(event.facts["pii_text"]) for event in told[: len(first)] if event.type == "reply.clause"]
    assert first[0] == "reply.clause"
    assert "reply.started" in first
    assert " ".join(words) == GREETING


def test_a_live_watcher_learns_when_each_turn_began() -> None:
    """The event of an engine turn comes at its end; its times are those of the report."""
    rig = Call(line=ClipLine(Say(clip()), hang_up_after_ms=4_000), texts=["Where are you located?"]).run()

    told = {
        event.facts["turn"]: (event.facts["start_ms"], event.facts["end_ms"])
        for event in rig.events
        if event.type in {"turn.ai", "turn.human"}
    }

    assert told == {turn.index: (turn.start_ms, turn.end_ms) for turn in rig.report.turns}


def test_a_live_watcher_learns_when_speech_ended_and_what_an_answer_waited_for() -> None:
    """The page of a call draws both while it lasts."""
    rig = Call(line=ClipLine(Say(clip()), hang_up_after_ms=4_000), texts=["Where are you located?"]).run()

    (ended,) = [event for event in rig.events if event.type == "speech.ended"]
    answers = [event.facts.get("latency") for event in rig.events if event.type == "turn.ai"]
    human, latency = rig.report.turns[1], rig.report.turns[2].latency
    assert ended.facts["kept"]
    assert (ended.facts["speech"][0][0], ended.facts["speech"][-1][1]) == (human.start_ms, human.end_ms)
    assert latency is not None
    assert answers == [None, asdict(latency)]


def test_latency_adds_up() -> None:
    """What the table shows must be what the caller waited."""
    rig = Call(line=ClipLine(Say(clip()), hang_up_after_ms=4_000), texts=["Where are you located?"]).run()

    latency = rig.report.turns[2].latency
    assert latency is not None
    assert latency.total is not None
    parts = latency.endpointing + latency.stt + latency.policy + latency.llm + latency.tts + latency.engine
    assert parts == pytest.approx(latency.total, abs=25)
    assert latency.total == pytest.approx(rig.report.turns[2].start_ms - rig.report.turns[1].end_ms, abs=40)


def test_the_first_clause_is_synthesised_before_the_turn_is_over() -> None:
    """Speculation hides the synthesizer: the caller waits for the endpoint only."""
    rig = Call(line=ClipLine(Say(clip()), hang_up_after_ms=4_000), texts=["Where are you located?"]).run()

    latency = rig.report.turns[2].latency
    assert latency is not None
    assert latency.tts == 0.0


def test_barge_in_keeps_the_heard_prefix() -> None:
    line = ClipLine(Say(clip(), at_ms=1_500), hang_up_after_ms=3_000)

    rig = Call(line=line, texts=["Excuse me, where are you located?"]).run()

    greeting = rig.report.turns[0]
    assert greeting.interrupted
    assert greeting.heard_text is not None
    assert GREETING.startswith(greeting.heard_text)
    assert 0 < len(greeting.heard_text.split()) < 9
    assert rig.report.counters.clears == rig.report.counters.barge_ins == 1
    assert rig.report.turns[1].text == "Excuse me, where are you located?"


def test_nothing_of_a_cleared_reply_is_played(tmp_path: Path) -> None:
    line = ClipLine(Say(clip(), at_ms=1_500), hang_up_after_ms=200)

    rig = Call(line=line, texts=["Excuse me."], recording=tmp_path / "r.wav").run()

    cleared_ms = next(event.at_ms for event in rig.events if event.type == "barge_in")
    quiet = np.frombuffer(bytes(line.heard[(cleared_ms + 40) * 8 : (cleared_ms + 600) * 8]), np.uint8)
    assert set(quiet.tolist()) <= {0xFF, 0x7F}


def test_the_recording_has_both_voices_in_their_places(tmp_path: Path) -> None:
    line = ClipLine(Say(clip()), hang_up_after_ms=4_000)

    rig = Call(line=line, texts=["Where are you located?"], recording=tmp_path / "r.wav").run()

    caller, engine = read_stereo_wav(tmp_path / "r.wav")
    assert len(caller) / 8000 == pytest.approx(rig.report.duration_seconds, abs=0.1)
    said_ms, _ = line.spoken[0]
    assert not np.abs(caller[: (said_ms - 20) * 8]).max() > 200
    assert np.abs(caller[said_ms * 8 : (said_ms + 1_000) * 8]).max() > 2_000
    assert np.abs(engine[60 * 8 : 4_000 * 8]).max() > 2_000
    assert not np.abs(engine[said_ms * 8 : (said_ms + 1_000) * 8]).max() > 200


def test_a_declined_recording_leaves_no_file(tmp_path: Path) -> None:
    line = ClipLine(Say(clip()), hang_up_after_ms=6_000)

    rig = Call(line=line, texts=["I don't want to be recorded."], recording=tmp_path / "r.wav").run()

    assert rig.report.outcome.recording_declined
    assert not (tmp_path / "r.wav").exists()


def test_last_words_before_a_hang_up_count() -> None:
    """They book, say the number, and hang up before the engine could have noticed the end of the turn."""
    line = ClipLine(Say(clip(), at_ms=200), Say(clip()), Say(clip()), hang_up_after_ms=0)
    texts = [
        "Hello, this is Nobu, how can I help?",
        "Yes, eight o'clock is fine, for four on Saturday the fourteenth. Shall I book it?",
        "Great, it is booked. Your confirmation number is one two three four five.",
    ]

    rig = Call(line=line, spec=RESTAURANT, texts=texts).run()

    assert rig.report.turns[-1].text == texts[-1]
    assert rig.report.outcome.confirmation == "12345"
    assert rig.report.outcome.task_outcome is TaskOutcome.ACHIEVED


def test_digits_go_over_a_second_stream_of_the_same_call() -> None:
    menu = "Thank you for calling Nobu. Press one for reservations, press two for opening hours."
    line = ClipLine(Say(clip(), at_ms=200), Say(clip(), at_ms=9_000), hang_up_after_ms=6_000)

    rig = Call(line=line, spec=RESTAURANT, texts=[menu, "Reservations, how can I help you?"]).run()

    assert "".join(digit for _, digit in line.pressed) == "1"
    assert rig.types().count("call.stream") == 3
    assert [turn.text for turn in rig.report.turns if turn.speaker == "HUMAN"] == [
        menu,
        "Reservations, how can I help you?",
    ]
    assert rig.types().count("call.ended") == 1
    starts = [turn.start_ms for turn in rig.report.turns]
    assert starts == sorted(starts)


def test_a_dropped_socket_is_reattached_and_the_reply_goes_on() -> None:
    """The carrier asks the action URL, the same session takes the new stream, nothing is said twice."""

    line = ClipLine(Say(clip()), hang_up_after_ms=4_000)

    rig = Call(line=line, texts=["Where are you located?"], break_socket_ms=2_000, action=True).run()

    assert rig.report.turns[0].heard_text == GREETING
    assert rig.types().count("call.stream") >= 3
    assert [turn.speaker for turn in rig.report.turns] == ["AI", "HUMAN", "AI"]


def test_a_lost_socket_without_return_ends_the_call() -> None:
    line = ClipLine()
    faults = FaultPlan(dropped=frozenset({Signal.STOP}))

    rig = Call(line=line, faults=faults, break_socket_ms=2_000).run()

    assert rig.report.outcome.disposition is Disposition.CARRIER_FAILED
    assert 2.0 <= rig.report.duration_seconds <= 8.0


@pytest.mark.parametrize(
    "dropped", [set(s) for n in range(3) for s in itertools.combinations([Signal.STOP, Signal.CLOSE], n)]
)
def test_every_loss_of_end_signals_gives_the_same_end(dropped: set[Signal]) -> None:
    """`stop` lost, close lost, both lost: one end, one bill."""
    settings = SessionSettings(reattach_timeout_ms=3_000, media_lost_ms=4_000)
    line = ClipLine(hang_up_ms=8_000)

    rig = Call(line=line, faults=FaultPlan(dropped=frozenset(dropped), linger_ms=20_000), settings=settings).run()

    assert rig.report.outcome.status is Status.COMPLETED
    assert rig.types().count("call.ended") == 1
    assert rig.report.credits_used == "1.1"


def test_a_dead_recognizer_ends_the_call_and_says_so() -> None:
    line = ClipLine(Say(clip()))

    rig = Call(line=line, stt=FragileSTT(dies_after_ms=1_000)).run()

    assert rig.report.outcome.disposition is Disposition.ENGINE_FAILED
    assert rig.record.ended_by == "engine"
    apology = rig.report.turns[-1]
    assert apology.speaker == "AI"
    assert "sorry" in apology.text.lower()


class BrokenTTS(ToneTTS):
    """Speaks once, then never again."""

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        if len(self.requested) >= 2:
            raise UpstreamFailed("tts_failed", "gone", provider="broken", retryable=True)
        async for chunk in super().synthesize(request):
            yield chunk


def test_a_dead_synthesizer_ends_the_call() -> None:
    line = ClipLine(Say(clip()))

    rig = Call(line=line, tts=BrokenTTS(), texts=["Where are you located?"]).run()

    assert rig.report.outcome.disposition is Disposition.ENGINE_FAILED
    assert rig.record.ended_by == "engine"


def test_without_a_recognizer_the_caller_hears_an_apology() -> None:
    """A line that can be answered but not heard is not left silent, and costs nothing."""
    rig = Call(line=ClipLine(Say(clip(), at_ms=500)), stt=FragileSTT(refuses=True)).run()

    assert rig.report.outcome.disposition is Disposition.ENGINE_FAILED
    assert "technical problem" in rig.report.turns[0].text
    assert rig.report.turns[0].heard_text == rig.report.turns[0].text
    assert rig.report.credits_used == "0.0"
    assert rig.record.ended_by == "engine"


def test_stop_ends_the_call_at_once() -> None:
    line = ClipLine()

    rig = Call(line=line, spec=RESTAURANT, during=lambda session: session.cancel(), during_ms=1_500).run()

    assert rig.report.outcome.status is Status.CANCELLED
    assert rig.record.ended_by == "engine"
    assert rig.report.duration_seconds == pytest.approx(1.5, abs=0.1)


def test_the_journal_can_start_another_session() -> None:
    """What the journal kept holds the dialogue and the transcript; nothing is asked again."""

    class Keeping(MemoryJournal):
        def __init__(self) -> None:
            super().__init__()
            self.kept: list[JournalEntry] = []

        def write(self, entry: JournalEntry) -> None:
            super().write(entry)
            kept = self.read(entry.call_id)
            assert kept is not None
            self.kept.append(kept)

    journal = Keeping()
    Call(
        line=ClipLine(Say(clip()), hang_up_after_ms=6_000),
        texts=["Where are you located?"],
        journal=journal,
    ).run()
    entry = journal.kept[1]

    rig = Call(
        line=ClipLine(Say(clip(), at_ms=500), hang_up_after_ms=5_000),
        texts=["And when are you open?"],
        resume_from=entry,
    ).run()

    assert [turn.text for turn in rig.report.turns[:2]] == [GREETING, "Where are you located?"]
    assert rig.report.turns[-1].speaker == "AI"
    assert rig.report.turns[-1].text != GREETING
    assert rig.report.duration_seconds > entry.elapsed_ms / 1000


def test_silence_is_answered_and_then_the_call_ends() -> None:
    rig = Call(line=ClipLine()).run()

    assert rig.report.outcome.disposition is Disposition.SILENCE
    assert rig.record.ended_by == "engine"


def test_the_same_call_gives_the_same_events() -> None:
    def events() -> list[tuple[int, str, str]]:
        line = ClipLine(Say(clip(), at_ms=1_500), Say(clip()), hang_up_after_ms=3_000)
        rig = Call(line=line, texts=["Wait, hello?", "Where are you located?"]).run()
        return [(event.at_ms, event.type, str(event.facts)) for event in rig.events]

    assert events() == events()


def test_a_defect_ends_this_call_with_a_report() -> None:
    """An unexpected exception is logged, the line is freed and a report exists."""

    class Defective(TextSTT):
        def __init__(self) -> None:
            super().__init__(["hello"])

        @property
        def texts(self) -> list[str]:
            raise ZeroDivisionError

        @texts.setter
        def texts(self, value: list[str]) -> None:
            pass

    rig = Call(line=ClipLine(Say(clip())), stt=Defective()).run()

    assert rig.report.outcome.disposition is Disposition.ENGINE_FAILED
    assert rig.record.ended_by == "engine"


def test_the_policy_is_not_woken_while_a_finished_turn_awaits_its_words() -> None:
    """The recognizer is slow; a wake-up for silence would be answered after the turn, as if nobody had spoken."""
    assert RECEPTIONIST.assistant is not None
    assistant = replace(RECEPTIONIST.assistant, greeting_mode=GreetingMode.CALLER_FIRST)
    rig = Call(
        spec=replace(RECEPTIONIST, assistant=assistant),
        line=ClipLine(Say(clip("es_core_conf-otherinparty"), at_ms=700), hang_up_after_ms=7_000),
        stt=TextSTT(["Where are you located?"], cost_ms=1_500),
    ).run()

    assert [turn.speaker for turn in rig.report.turns] == ["HUMAN", "AI"]


def test_a_machine_that_the_carrier_heard_gets_a_message() -> None:
    """Its greeting came through garbled, and it says nothing to our question: it is recording."""
    line = ClipLine(Say(clip(ms=2_500), at_ms=400), hang_up_ms=60_000)
    heard = Call(
        line, spec=RESTAURANT, texts=["you have reached seven"], during=CallSession.machine_heard, during_ms=5_000
    ).run()
    unheard = Call(
        ClipLine(Say(clip(ms=2_500), at_ms=400), hang_up_ms=60_000),
        spec=RESTAURANT,
        texts=["you have reached seven"],
    ).run()

    assert heard.report.outcome.disposition is Disposition.VOICEMAIL
    assert unheard.report.outcome.disposition is Disposition.SILENCE
