"""The playback buffer: exact positions, marks in their place, clear."""

from hypothesis import given, settings
from hypothesis import strategies as st

from voice_engine.carrier.playback import PlaybackBuffer


def test_mark_is_due_when_the_last_sample_before_it_has_left() -> None:
    """A mark between two chunks waits for the first, not for both."""
    buffer = PlaybackBuffer()
    buffer.append(b"\x01" * 240)
    buffer.mark("middle")
    buffer.append(b"\x02" * 80)
    buffer.mark("end")

    first = buffer.pull()
    second = buffer.pull()

    assert first == (b"\x01" * 160, [])
    assert second == (b"\x01" * 80 + b"\x02" * 80, ["middle", "end"])


def test_mark_on_an_empty_buffer_is_due_at_once() -> None:
    assert PlaybackBuffer().mark("now") is True


def test_clear_returns_every_pending_mark_in_order_and_drops_the_audio() -> None:
    buffer = PlaybackBuffer()
    buffer.append(b"\x01" * 400)
    buffer.mark("a")
    buffer.append(b"\x01" * 400)
    buffer.mark("b")
    buffer.pull()

    names = buffer.clear()

    assert names == ["a", "b"]
    assert buffer.pull() == (None, [])
    assert (buffer.played_samples, buffer.cleared_samples) == (160, 640)


def test_audio_after_a_clear_plays_from_its_own_start() -> None:
    """The read offset into a cleared chunk must not eat the next chunk's beginning."""
    buffer = PlaybackBuffer()
    buffer.append(b"\x01" * 400)
    buffer.pull(100)
    buffer.clear()
    buffer.append(b"\x02" * 160)
    buffer.mark("after")

    assert buffer.pull() == (b"\x02" * 160, ["after"])


def test_a_short_frame_is_padded_with_silence_and_counts_only_what_played() -> None:
    buffer = PlaybackBuffer()
    buffer.append(b"\x01" * 10)

    frame, _ = buffer.pull()

    assert frame == b"\x01" * 10 + b"\xff" * 150
    assert buffer.played_samples == 10


def test_more_than_the_limit_is_discarded_whole() -> None:
    buffer = PlaybackBuffer(max_samples=1000)

    kept = [buffer.append(b"\x01" * 600), buffer.append(b"\x02" * 600), buffer.append(b"\x03" * 400)]

    assert kept == [True, False, True]
    assert buffer.buffered_samples == 1000


@settings(max_examples=50)
@given(st.lists(st.one_of(st.integers(1, 700), st.just("mark"), st.just("pull"), st.just("clear")), max_size=60))
def test_every_mark_comes_back_once_in_order_and_never_early(operations: list[object]) -> None:
    """Whatever the order of audio, marks, playback and clears."""
    buffer = PlaybackBuffer()
    placed: list[tuple[str, int]] = []
    back: list[str] = []
    for operation in operations:
        if isinstance(operation, int):
            buffer.append(b"\x01" * operation)
        elif operation == "mark":
            name = str(len(placed))
            placed.append((name, buffer.received_samples))
            if buffer.mark(name):
                back.append(name)
        elif operation == "pull":
            back += buffer.pull()[1]
        else:
            back += buffer.clear()
        passed = buffer.played_samples + buffer.cleared_samples
        assert back == [name for name, at in placed if at <= passed]
