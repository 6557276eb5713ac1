"""Indexes stay valid, heard text belongs to its turn, a withdrawn turn leaves no trace."""

from voice_engine.ports.call import TurnLatency
from voice_engine.runtime.transcript import Transcript


def test_a_reply_grows_and_ends_with_what_was_heard() -> None:
    transcript = Transcript()
    transcript.add_human("hello", start_ms=0, end_ms=500)
    index = transcript.add_engine("Hi there.", start_ms=900)
    transcript.extend_engine(index, "How can I help?")
    transcript.started(index, start_ms=1_000, latency=TurnLatency(total=500.0))

    transcript.ended(index, end_ms=1_800, heard="Hi there. How", interrupted=True)

    turn = transcript.turns[1]
    assert (turn.text, turn.heard_text) == ("Hi there. How can I help?", "Hi there. How")
    assert (turn.start_ms, turn.end_ms, turn.interrupted) == (1_000, 1_800, True)
    assert turn.latency is not None


def test_withdrawing_gives_the_indexes_out_again() -> None:
    transcript = Transcript()
    transcript.add_human("I want", start_ms=0, end_ms=500)
    transcript.add_engine("Sure", start_ms=900)

    transcript.withdraw_from(0)

    assert transcript.add_human("I want a table", start_ms=0, end_ms=1_500) == 0
    assert [turn.text for turn in transcript.turns] == ["I want a table"]
