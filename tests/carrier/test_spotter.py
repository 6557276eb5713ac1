"""When the engine is taken to speak: onsets, runs and utterances."""

from voice_engine.carrier.spotter import RunStarted, SpeechEvent, SpeechSpotter, UtteranceEnded, UtteranceStarted

LOUD, QUIET = -20.0, -96.0


def spot(*spans: tuple[int, int], until_ms: int) -> list[SpeechEvent]:
    """Feed frames that are loud inside the spans (ms)."""
    spotter = SpeechSpotter()
    events: list[SpeechEvent] = []
    for at_ms in range(0, until_ms, 20):
        loud = any(start <= at_ms < end for start, end in spans)
        events += spotter.step(at_ms, LOUD if loud else QUIET)
    return events


def test_an_utterance_has_the_times_of_its_audio() -> None:
    assert spot((200, 1000), until_ms=2000) == [
        RunStarted(200),
        UtteranceStarted(200),
        UtteranceEnded(200, 1000),
    ]


def test_a_pause_between_sentences_makes_two_runs_of_one_utterance() -> None:
    assert spot((0, 500), (800, 1200), until_ms=2000) == [
        RunStarted(0),
        UtteranceStarted(0),
        RunStarted(800),
        UtteranceEnded(0, 1200),
    ]


def test_a_long_silence_makes_two_utterances() -> None:
    events = spot((0, 500), (1200, 1500), until_ms=3000)

    assert [event for event in events if isinstance(event, UtteranceEnded)] == [
        UtteranceEnded(0, 500),
        UtteranceEnded(1200, 1500),
    ]


def test_a_single_loud_frame_is_a_click() -> None:
    assert spot((200, 220), until_ms=2000) == []


def test_a_gap_between_syllables_starts_no_run() -> None:
    assert spot((0, 300), (380, 600), until_ms=700) == [RunStarted(0), UtteranceStarted(0)]
