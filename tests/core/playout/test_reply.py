"""One reply's audio on its way out."""

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.playout.model import PlayoutSettings
from voice_engine.core.playout.reply import Reply

SETTINGS = PlayoutSettings()
LOUD = b"\x20"


def reply(*clauses: tuple[str, int], finished: bool = True) -> Reply:
    made = Reply(0.0)
    for text, ms in clauses:
        made.append(text, LOUD * 8 * ms)
    if finished:
        made.finish()
    return made


def sizes(made: Reply, ahead_ms: float = 0.0) -> list[int]:
    """Slices that are sent while so much is ahead, in ms."""
    out = []
    while (following := made.next_slice(SETTINGS)) is not None and ahead_ms <= following[1]:
        part = made.take(SETTINGS, following[0])
        if part.marked:
            made.mark()
        out.append(len(part.payload) // 8)
    return out


def test_slices_are_150_ms_and_end_with_the_clause() -> None:
    assert sizes(reply(("one", 250), ("two", 350))) == [150, 100, 150, 200]


def test_a_tiny_remainder_goes_with_the_slice_before_it() -> None:
    assert sizes(reply(("one", 360))) == [150, 210]


def test_marks_stand_at_the_end_of_each_clause_and_every_600_ms() -> None:
    """Between them the clock knows the position; each mark costs a message out and one back."""
    made = reply(("one", 1_400), ("two", 100))
    sizes(made)

    assert [position // 8 for position, _ in made.marks] == [600, 1_200, 1_400, 1_500]


def test_with_enough_ahead_a_short_remainder_waits_for_more_of_its_clause() -> None:
    made = reply(("one", 200), finished=False)

    assert sizes(made, ahead_ms=120.0) == [150]
    made.append("", LOUD * 8 * 100)
    assert sizes(made, ahead_ms=120.0) == [150]


def test_with_nothing_ahead_whatever_there_is_is_sent() -> None:
    assert sizes(reply(("one", 30), finished=False)) == [30]


def test_the_last_audio_is_sent_however_short_it_is() -> None:
    assert sizes(reply(("one", 30)), ahead_ms=250.0) == [30]


def test_a_clause_that_is_still_being_made_is_measured_by_the_pace_of_the_others() -> None:
    made = reply(("seven seven", 1000), ("seven seven", 400), finished=False)
    sizes(made)

    assert made.heard_text(1400 * 8) == "seven seven seven"
    made.finish()
    assert made.heard_text(1400 * 8) == "seven seven seven seven"


def test_a_first_clause_in_the_making_is_measured_by_an_ordinary_pace() -> None:
    made = reply(("would you have a table for four people", 500), finished=False)

    assert made.heard_text(500 * 8) in ("would you", "would you have")


def test_a_clause_without_sound_is_heard_when_it_is_over() -> None:
    made = Reply(0.0)
    made.append("…", b"\xff" * 800)
    made.append("yes", LOUD * 800)
    made.finish()

    assert made.heard_text(400) == ""
    assert made.heard_text(810) == "…"


def test_silence_over_several_chunks_is_no_part_of_the_words() -> None:
    made = Reply(0.0)
    made.append("seven seven", b"\xff" * 800)
    made.append("", b"\xff" * 800 + LOUD * 1600)
    made.append("", b"\xff" * 800)
    made.append("", b"\xff" * 800)
    made.finish()

    assert (made.clauses[0].lead, made.clauses[0].trail) == (1600, 1600)
    assert made.heard_text(1600 + 300) == ""
    assert made.heard_text(1600 + 800) == "seven"
    assert made.heard_text(1600 + 1600) == "seven seven"


def test_audio_without_text_joins_the_clause_before() -> None:
    made = Reply(0.0)
    made.append("", LOUD * 800)
    made.append("", LOUD * 800)
    made.finish()

    assert len(made.clauses) == 1
    assert made.heard_text(1600) == ""


@given(
    st.lists(st.tuples(st.integers(1, 700), st.booleans()), min_size=1, max_size=12),
    st.lists(st.integers(0, 300), max_size=8),
)
def test_what_is_taken_is_what_was_put_in_also_when_it_is_sent_again(
    chunks: list[tuple[int, bool]], rewinds: list[int]
) -> None:
    made = Reply(0.0)
    audio = b""
    for index, (ms, new) in enumerate(chunks):
        piece = bytes([index]) * 8 * ms
        audio += piece
        made.append("clause" if new else "", piece)
    made.finish()

    out = b""
    for heard_ms in [*rewinds, None]:
        while (following := made.next_slice(SETTINGS)) is not None:
            part = made.take(SETTINGS, following[0])
            out += part.payload
            made.timeline.send(len(part.payload), 0.0, 0.0)
            if heard_ms is not None:
                break
        if heard_ms is not None:
            made.rewind(float(heard_ms))
            out = out[: made.sent]

    assert out == audio
    assert made.all_sent
