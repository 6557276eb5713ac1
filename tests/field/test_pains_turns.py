"""Pains of the field that turn-taking and playout must not have, on the pure machine and ledger."""

import pytest

from tests.core.playout.carrier import Carrier
from tests.core.turns.line import FRAME_MS, Line, Speech
from voice_engine.core.playout.ledger import Heard, Piece, Played, Playout
from voice_engine.core.turns.effects import (
    ClearPlayout,
    HoldPlayout,
    NoteBackchannel,
    ReportSilence,
    ResumePlayout,
    StartReply,
)
from voice_engine.core.turns.events import (
    ContextChanged,
    Expecting,
    ReplyEnded,
    SpeechWanted,
)
from voice_engine.core.turns.settings import TurnSettings

GREETING = SpeechWanted(key="greeting")
BOOKING = Speech(1000, 2200, "book it now please")
SECOND = b"\x20" * 8000


def speaking(speech: list[Speech], *, reply_ms: float = 6000, language: str = "en") -> Line:
    """A line on which the engine greets from 0.2 s on while the caller says `speech`."""
    return Line(speech, reply_ms=reply_ms, language=language, at={100: [GREETING]})


class TestPain01BufferedSpeechAfterBargeIn:
    def test_pain_01_clear_comes_in_the_step_that_accepts_the_barge_in(self) -> None:
        line = speaking([Speech(2000, 4000, "no wait I need something else first please")]).run(5000)

        held, cleared = line.all(HoldPlayout)[0][0], line.all(ClearPlayout)[0][0]

        assert held - 2000 <= 250
        assert cleared - 2000 <= 800
        assert line.endings[0].how == "cleared"

    def test_pain_01_nothing_of_the_old_epoch_is_sent_after_its_clear(self) -> None:
        playout, carrier = Playout(), Carrier()
        playout.open(1, 0.0)
        playout.append(1, Piece(text="one two three", mulaw=SECOND * 5), 0.0)
        carrier.run(playout, until_ms=1000)

        carrier.take(playout.clear(1, 1000.0), 1000.0)
        playout.append(1, Piece(text="late", mulaw=SECOND), 1000.0)
        carrier.run(playout, until_ms=4000)

        assert carrier.played_ms(1) <= 1000 + 1
        assert carrier.sent_ms(1) <= 1300

    def test_pain_01_at_most_300_ms_are_ahead_of_playback(self) -> None:
        playout, carrier = Playout(), Carrier()
        playout.open(1, 0.0)
        playout.append(1, Piece(text="a long clause", mulaw=SECOND * 8), 0.0)
        playout.finish(1, 0.0)

        carrier.run(playout, until_ms=9000)

        assert carrier.most_ahead_ms <= 300
        assert carrier.gaps == 0


class TestPain02ClearOnARejectedBargeIn:
    def test_pain_02_a_cough_in_the_greeting_clears_nothing(self) -> None:
        line = speaking([Speech(2000, 2260, "")], reply_ms=4000).run(8000)

        assert line.all(ClearPlayout) == []
        assert len(line.all(ResumePlayout)) == 1
        assert [ended.how for ended in line.endings] == ["played"]

    def test_pain_02_a_held_greeting_is_played_whole_and_without_clear(self) -> None:
        playout, carrier = Playout(), Carrier()
        playout.open(1, 0.0)
        playout.append(1, Piece(text="a greeting of some words", mulaw=SECOND * 3), 0.0)
        playout.finish(1, 0.0)
        carrier.run(playout, until_ms=1000)
        playout.hold(1, 1000.0)
        carrier.run(playout, until_ms=1600)
        playout.resume(1, 1600.0)

        played = carrier.run(playout, until_ms=6000)

        assert carrier.clears == 0
        assert carrier.played_ms(1) == 3000
        assert Played(epoch=1) in played


CLAUSES = [
    ("Hello, I would like a table for four.", 1800),
    ("Would eight thirty on Saturday be possible?", 2100),
    ("Otherwise nine is fine too.", 1300),
]


def said_by(ms: float) -> str:
    """The words whose audio was mostly played after `ms`, were every word's share of time its letters'."""
    heard: list[str] = []
    for text, length_ms in CLAUSES:
        words = text.split()
        letters = [len(word) for word in words]
        position = 0.0
        for word, count in zip(words, letters, strict=True):
            position += length_ms * count / sum(letters)
            if position - length_ms * count / sum(letters) / 2 <= ms:
                heard.append(word)
        ms -= length_ms
    return " ".join(heard)


@pytest.mark.parametrize("delay_ms", [0, 60, 140], ids=lambda ms: f"carrier {ms} ms away")
@pytest.mark.parametrize("at_ms", range(0, 5250, 250))
def test_pain_03_04_the_heard_text_is_what_the_carrier_played_to_the_word(at_ms: int, delay_ms: int) -> None:
    playout, carrier = Playout(), Carrier(delay_ms=delay_ms)
    playout.open(1, 0.0)
    for text, length_ms in CLAUSES:
        playout.append(1, Piece(text=text, mulaw=b"\x20" * 8 * length_ms), 0.0)
    playout.finish(1, 0.0)
    carrier.run(playout, until_ms=at_ms)

    truth = len(said_by(carrier.played_ms(1)).split())
    heard = playout.heard(1, float(at_ms))
    playout.clear(1, float(at_ms))

    assert abs(len(heard.text.split()) - truth) <= 1
    assert " ".join(text for text, _ in CLAUSES).startswith(heard.text)
    assert heard.played_ms >= carrier.acked_ms(1)
    assert playout.heard(1, at_ms + 5000.0) == heard


class TestPain05MarksEchoedByClear:
    def test_pain_05_marks_that_a_clear_returns_do_not_count_as_played(self) -> None:
        playout, carrier = Playout(), Carrier()
        playout.open(1, 0.0)
        playout.append(1, Piece(text="a farewell of six whole words", mulaw=SECOND * 2), 0.0)
        playout.finish(1, 0.0)
        carrier.run(playout, until_ms=1900)
        carrier.take(playout.clear(1, 1900.0), 1900.0)

        played = carrier.run(playout, until_ms=9000)

        assert played == []
        assert not playout.heard(1, 9000.0).complete

    def test_pain_05_old_marks_do_not_end_the_next_reply(self) -> None:
        playout = Playout()
        playout.open(1, 0.0)
        playout.append(1, Piece(text="first", mulaw=SECOND), 0.0)
        playout.finish(1, 0.0)
        playout.step(0.0)
        playout.clear(1, 10.0)
        playout.open(2, 20.0)
        playout.append(2, Piece(text="second", mulaw=SECOND), 20.0)
        playout.finish(2, 20.0)
        playout.step(20.0)

        assert playout.on_mark("e1:0", 30.0) == []
        assert playout.heard(2, 30.0).played_ms < 100


class TestPain06GoodbyeCutOff:
    def test_pain_06_a_farewell_counts_as_played_only_when_all_of_it_was(self) -> None:
        playout, carrier = Playout(), Carrier(delay_ms=80)
        playout.open(1, 0.0)
        playout.append(1, Piece(text="goodbye and thank you", mulaw=SECOND * 7), 0.0)
        playout.finish(1, 0.0)

        assert carrier.run(playout, until_ms=6990) == []
        assert carrier.run(playout, until_ms=8000) == [Played(epoch=1)]
        assert carrier.played_ms(1) == 7000

    def test_pain_06_with_lost_marks_it_ends_by_the_clock_and_a_bounded_wait(self) -> None:
        playout, carrier = Playout(), Carrier(loses_marks=True)
        playout.open(1, 0.0)
        playout.append(1, Piece(text="goodbye and thank you", mulaw=SECOND * 7), 0.0)
        playout.finish(1, 0.0)

        assert carrier.run(playout, until_ms=8900) == []
        assert carrier.run(playout, until_ms=9100) == [Played(epoch=1, by_mark=False)]
        assert playout.heard(1, 9100.0) == Heard(text="goodbye and thank you", complete=True, played_ms=7000.0)


class TestPain14CutOffInThought:
    @pytest.mark.parametrize("pause_ms", [300, 500, 700])
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_pain_14_a_plain_pause_inside_an_utterance_starts_no_audible_reply(
        self, pause_ms: int, language: str
    ) -> None:
        stt_ms = 150.0 if language == "en" else 470.0
        line = Line(
            [
                Speech(1000, 2000, "we open today"),
                Speech(2000 + pause_ms, 3000 + pause_ms, "around noon I believe"),
            ],
            language=language,
            stt_ms=stt_ms,
        ).run(6000)

        assert line.turns()[-1] == "we open today around noon I believe"
        assert [ended.how for ended in line.endings if ended.how == "played"] in ([], ["played"])
        assert all(at_ms > 3000 + pause_ms for at_ms, _ in line.all(StartReply))

    @pytest.mark.parametrize(
        ("language", "first", "second"),
        [
            ("en", "we could do eight thirty and", "nine on Sunday"),
            ("en", "the table is for", "four people"),
            ("en", "let me check", "yes that works"),
            ("en", "you can call me at five five five", "zero one two three"),
            ("es", "tenemos libre el sábado y", "el domingo también"),
            ("es", "sería a las", "nueve y media"),
            ("es", "mi teléfono es seis uno dos", "tres cuatro cinco seis siete ocho"),
        ],
    )
    def test_pain_14_a_cued_pause_of_a_second_and_a_half_ends_no_turn(
        self, language: str, first: str, second: str
    ) -> None:
        line = Line([Speech(1000, 2200, first), Speech(3700, 4900, second)], language=language).run(8500)

        assert line.turns() == [f"{first} {second}"]

    def test_pain_14_a_phone_number_is_waited_for_when_one_was_asked_for(self) -> None:
        asked = ContextChanged(expecting=Expecting.PHONE)
        line = Line(
            [Speech(1000, 2200, "five five five"), Speech(3600, 5800, "zero one two three four five six")],
            at={0: [asked]},
        ).run(9000)

        assert line.turns() == ["five five five zero one two three four five six"]

    def test_pain_14_a_complete_answer_is_answered_sooner(self) -> None:
        answer = [Speech(1000, 1400, "eight thirty")]
        plain = Line(answer).run(4000)
        asked = Line(answer, at={0: [ContextChanged(expecting=Expecting.TIME)]}).run(4000)

        assert asked.all(StartReply)[0][0] - 1400 <= 520
        assert 720 <= plain.all(StartReply)[0][0] - 1400 <= 780


@pytest.mark.parametrize("resume_at_ms", range(-200, 201, 20))
def test_pain_15_no_stale_reply_plays_over_a_caller_who_goes_on(resume_at_ms: int) -> None:
    """The first audio would come at 3000 ms of media time; the caller goes on around it."""
    begins_ms = 3000 + resume_at_ms
    more = Speech(begins_ms, begins_ms + 1200, "at nine not at eight")
    line = Line([BOOKING, more]).run(8000)

    spoken_over_ms = sum(1 for at_ms in line.audible_ms if begins_ms + 250 < at_ms <= more.end_ms) * FRAME_MS

    assert spoken_over_ms == 0
    assert line.endings[-1].how == "played"
    if resume_at_ms < 0:
        assert line.turns()[-1] == f"{BOOKING.text} {more.text}"
    else:
        assert line.turns()[-1] in (more.text, f"{BOOKING.text} {more.text}")


class TestPain16BackchannelsAndCoughs:
    @pytest.mark.parametrize(
        ("language", "text"),
        [("en", text) for text in ("mm-hm", "yeah", "okay", "right", "uh-huh", "yeah yeah", "of course")]
        + [("es", text) for text in ("ajá", "sí", "vale", "claro", "mhm", "de acuerdo")],
    )
    def test_pain_16_a_backchannel_does_not_stop_the_engine(self, language: str, text: str) -> None:
        line = speaking([Speech(2000, 2420, text)], language=language).run(9000)

        assert line.all(ClearPlayout) == []
        assert [note.text for _, note in line.all(NoteBackchannel)] == [text]
        assert line.turns() == []
        assert [ended.how for ended in line.endings] == ["played"]

    @pytest.mark.parametrize(
        ("language", "text"),
        [("en", text) for text in ("wait", "stop", "no", "hold on", "sorry", "excuse me")]
        + [("es", text) for text in ("espere", "perdón", "no", "un momento", "oiga")],
    )
    def test_pain_16_a_stop_word_stops_it(self, language: str, text: str) -> None:
        line = speaking([Speech(2000, 2420, text)], language=language).run(6000)

        assert line.all(ClearPlayout)[0][0] - 2000 <= 800
        assert line.turns() == [text]

    def test_pain_16_a_backchannel_that_goes_on_as_a_sentence_stops_it(self) -> None:
        line = speaking([Speech(2000, 3600, "yeah but we are closed on Sunday")]).run(7000)

        assert line.all(ClearPlayout)[0][0] - 2000 <= 900
        assert line.turns() == ["yeah but we are closed on Sunday"]

    @pytest.mark.parametrize(("language", "text"), [("en", "yeah"), ("es", "sí"), ("en", "okay")])
    def test_pain_16_the_same_word_is_an_answer_while_the_engine_is_silent(self, language: str, text: str) -> None:
        line = Line([Speech(1000, 1400, text)], language=language).run(4000)

        assert line.turns() == [text]
        assert line.all(NoteBackchannel) == []


class TestPain17NoiseBeforeTheReply:
    @pytest.mark.parametrize("clap_ms", range(2300, 3300, 60))
    def test_pain_17_a_clap_between_the_turn_and_its_reply_does_not_swallow_it(self, clap_ms: int) -> None:
        line = Line([BOOKING, Speech(clap_ms, clap_ms + 120, "")]).run(9000)

        assert line.turns()[-1] == "book it now please"
        assert line.endings[-1].how == "played"
        assert all(ended.how == "cleared" for ended in line.endings[:-1])

    def test_pain_17_a_long_noise_withdraws_and_then_asks_again_for_the_same_reply(self) -> None:
        line = Line([BOOKING, Speech(2960, 3460, "")]).run(9000)

        assert line.turns() == ["book it now please", "book it now please"]
        assert [ended.how for ended in line.endings] == ["cleared", "played"]


class TestPain18OwnEcho:
    def test_pain_18_scraps_of_echo_that_pass_the_guard_do_not_hold_the_engine(self) -> None:
        scraps = [Speech(at_ms, at_ms + 80, "", level_dbfs=-38.0) for at_ms in range(1000, 5000, 300)]
        line = speaking(scraps).run(8000)

        assert line.all(HoldPlayout) == []
        assert line.all(ClearPlayout) == []

    def test_pain_18_faint_echo_is_ignored_once_the_caller_is_known(self) -> None:
        echo = Speech(4500, 6500, "book it now please again and again", level_dbfs=-46.0)
        line = Line([BOOKING, echo], reply_ms=6000).run(9500)

        assert line.all(HoldPlayout) == []
        assert len(line.turns()) == 1

    def test_pain_18_a_quiet_caller_is_still_heard_over_the_engine(self) -> None:
        quiet = Speech(4500, 6500, "no wait I said Sunday not Saturday", level_dbfs=-38.0)
        line = Line([BOOKING, quiet], reply_ms=6000).run(9500)

        assert line.all(ClearPlayout)[0][0] - 4500 <= 800
        assert line.turns()[-1] == quiet.text


class TestPain19IdlePromptWhileAudioPlays:
    def test_pain_19_the_idle_time_starts_when_playback_has_ended(self) -> None:
        line = speaking([], reply_ms=10000).run(19000)

        played = next(at_ms for at_ms, event in line.log if isinstance(event, ReplyEnded))
        silences = line.all(ReportSilence)

        assert [at_ms for at_ms, _ in silences] == [played + TurnSettings().idle_prompt_ms]
        assert silences[0][1] == ReportSilence(silent_ms=7000, count=1)

    def test_pain_19_ten_seconds_of_audio_made_in_one_are_not_played_before_their_time(self) -> None:
        playout, carrier = Playout(), Carrier()
        playout.open(1, 0.0)
        for _ in range(10):
            playout.append(1, Piece(text="a clause", mulaw=SECOND), 0.0)
        playout.finish(1, 0.0)

        assert carrier.run(playout, until_ms=9990) == []
        assert carrier.run(playout, until_ms=10100) == [Played(epoch=1)]


def test_pain_13_the_reply_is_ordered_in_the_frame_in_which_the_silence_is_long_enough() -> None:
    settings = TurnSettings(endpointing_fixed_ms=200)
    line = Line([BOOKING], settings=settings, stt_ms=0.0).run(4000)

    assert line.all(StartReply)[0][0] <= BOOKING.end_ms + 200 + 20


def test_pain_13_a_prepared_text_needs_no_second_decode() -> None:
    line = Line([BOOKING]).run(4000)

    assert line.all(StartReply)[0][0] - BOOKING.end_ms <= 780
