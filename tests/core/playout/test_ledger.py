"""The ledger of replies. What a caller would notice is in tests/field/test_pains_turns.py."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_engine.core.playout.ledger import Piece, Played, Playout, PlayoutSettings, SendMark, SendMedia

from .carrier import Carrier

SECOND = b"\x20" * 8000


def opened(seconds: float = 2.0, *, text: str = "one two three four", finished: bool = True) -> Playout:
    playout = Playout()
    playout.open(1, 0.0)
    playout.append(1, Piece(text=text, mulaw=b"\x20" * int(8000 * seconds)), 0.0)
    if finished:
        playout.finish(1, 0.0)
    return playout


def test_marks_are_named_by_epoch_and_index() -> None:
    playout = opened(1.5)

    names = [out.name for at in range(0, 1_500, 50) for out in playout.step(at) if isinstance(out, SendMark)]

    assert names == ["e1:0", "e1:1", "e1:2"]


@pytest.mark.parametrize("name", ["", "e1", "e1:", "e:0", "x1:0", "e1:99", "e2:0", "e1:-1", "e1:0:0", "é1:²"])
def test_a_mark_that_is_not_ours_is_ignored(name: str) -> None:
    playout = opened()
    playout.step(0.0)

    assert playout.on_mark(name, 10.0) == []
    assert playout.heard(1, 10.0).played_ms <= 10.0


def test_media_tells_when_and_where_in_the_reply_it_plays() -> None:
    media = [output for output in opened().step(40.0) if isinstance(output, SendMedia)]

    assert [(m.offset_ms, m.play_at_ms) for m in media] == [(0.0, 40.0), (150.0, 190.0)]


def test_the_next_step_is_due_when_there_is_room_for_a_slice() -> None:
    playout = opened()
    playout.step(0.0)

    assert playout.next_due_ms(0.0) == 150.0
    assert playout.next_due_ms(180.0) == 180.0


@pytest.mark.parametrize("state", ["empty", "held", "starved"])
def test_nothing_is_due_when_nothing_can_be_sent(state: str) -> None:
    playout = Playout()
    playout.open(1, 0.0)
    if state == "held":
        playout.append(1, Piece(text="one", mulaw=SECOND), 0.0)
        playout.hold(1, 0.0)
        assert playout.step(0.0) == []
    if state == "starved":
        playout.append(1, Piece(text="one", mulaw=b"\x20" * 800), 0.0)
        playout.step(0.0)

    assert playout.next_due_ms(0.0) is None


def test_a_short_remainder_that_waits_for_more_is_due_when_little_is_ahead() -> None:
    """Not before: the session would spin."""
    playout = opened(0.25, finished=False)
    playout.step(0.0)

    assert playout.next_due_ms(0.0) == 50.0
    assert playout.step(49.0) == []
    assert [type(output) for output in playout.step(50.0)] == [SendMedia]


@pytest.mark.parametrize("ms", [310, 350, 501, 955])
def test_the_session_never_spins(ms: int) -> None:
    """After each step the next one is due later, or not at all, or something was sent."""
    playout, now_ms = opened(ms / 1000), 0.0
    while (due_ms := playout.next_due_ms(now_ms)) is not None:
        now_ms = due_ms
        assert playout.step(now_ms) or playout.next_due_ms(now_ms) != now_ms


def test_a_reply_without_audio_is_played_at_once() -> None:
    playout = Playout()
    playout.open(1, 5.0)
    playout.finish(1, 5.0)

    assert playout.step(5.0) == [Played(epoch=1)]
    assert playout.heard(1, 5.0).complete


def test_an_end_that_was_not_known_when_it_was_sent_is_marked_later() -> None:
    playout = opened(0.1, finished=False)
    first = playout.step(0.0)
    playout.finish(1, 50.0)

    assert not any(isinstance(output, SendMark) for output in first)
    assert playout.step(50.0) == [SendMark(epoch=1, name="e1:0")]
    assert playout.on_mark("e1:0", 100.0) == [Played(epoch=1)]


def test_clearing_a_reply_of_which_nothing_was_sent_tells_the_carrier_nothing() -> None:
    playout = opened()

    assert playout.clear(1, 0.0) == []
    assert playout.step(10.0) == []
    assert playout.heard(1, 10.0).text == ""


def test_clear_is_once() -> None:
    playout = opened()
    playout.step(0.0)

    assert len(playout.clear(1, 50.0)) == 1
    assert playout.clear(1, 60.0) == []


def test_calls_about_an_unknown_reply_change_nothing() -> None:
    playout = Playout()
    playout.append(9, Piece(text="x", mulaw=SECOND), 0.0)
    playout.finish(9, 0.0)
    playout.hold(9, 0.0)
    playout.resume(9, 0.0)

    assert playout.step(0.0) == []
    assert playout.heard(9, 0.0).text == ""
    assert playout.queued_ms(9, 0.0) == 0.0
    assert playout.played_segments(9, 0.0) == []


def test_an_epoch_is_never_used_twice() -> None:
    playout = opened()
    playout.clear(1, 0.0)

    with pytest.raises(AssertionError):
        playout.open(1, 10.0)


def test_queued_is_what_is_still_to_be_heard() -> None:
    playout = opened(2.0)
    playout.step(0.0)

    assert playout.queued_ms(1, 50.0) == 1950.0
    playout.clear(1, 60.0)
    assert playout.queued_ms(1, 60.0) == 0.0


def test_segments_tell_what_was_played_when_across_a_hold() -> None:
    playout, carrier = opened(1.0), Carrier()
    carrier.run(playout, until_ms=200)
    playout.hold(1, 200.0)
    carrier.run(playout, until_ms=1000)
    playout.resume(1, 1000.0)
    carrier.run(playout, until_ms=1200)

    segments = playout.played_segments(1, 1200.0)

    assert [(s.offset_ms, s.at_ms, s.duration_ms) for s in segments] == [(0.0, 0.0, 450.0), (450.0, 1000.0, 200.0)]


def test_a_cleared_replys_segments_end_where_it_was_cut() -> None:
    playout, carrier = opened(2.0), Carrier()
    carrier.run(playout, until_ms=700)
    playout.clear(1, 700.0)

    assert sum(s.duration_ms for s in playout.played_segments(1, 5000.0)) == 700.0


def test_old_replies_are_forgotten() -> None:
    playout = Playout()
    for epoch in range(1, 12):
        playout.open(epoch, 0.0)
        playout.append(epoch, Piece(text="one", mulaw=SECOND), 0.0)
        playout.clear(epoch, 0.0)

    assert playout.played_segments(1, 0.0) == []
    assert len(playout._ended) <= 4


def test_a_lost_stream_is_made_good_from_the_heard_position() -> None:
    """300 ms were in the buffer of the stream that is gone; the new one gets them again."""
    playout, old = opened(2.0), Carrier()
    old.run(playout, until_ms=500)
    playout.hold(1, 500.0, lost=True)

    new = Carrier()
    new.now_ms = 3000
    playout.resume(1, 3000.0)
    played = new.run(playout, until_ms=6000)

    assert old.played_ms(1) == 500
    assert new.played_ms(1) == 1500
    assert played == [Played(epoch=1)]


def test_marks_of_a_lost_stream_count_no_more() -> None:
    playout, old = opened(2.0), Carrier()
    old.run(playout, until_ms=100)
    playout.hold(1, 100.0, lost=True)
    playout.resume(1, 100.0)

    playout.on_mark("e1:0", 120.0)

    assert playout.heard(1, 120.0).played_ms <= 120.0


def test_a_stalled_carrier_is_not_overfed_and_what_it_did_not_play_was_not_heard() -> None:
    playout, carrier = opened(6.0), Carrier(delay_ms=40)
    carrier.run(playout, until_ms=1000)
    carrier.stall(until_ms=2500)
    carrier.run(playout, until_ms=3500)

    assert abs(playout.heard(1, 3500.0).played_ms - carrier.played_ms(1)) <= 250
    carrier.most_ahead_ms = 0.0
    carrier.run(playout, until_ms=4500)
    assert carrier.most_ahead_ms <= 300


def test_a_new_reply_waits_for_what_the_old_one_left_in_the_buffer() -> None:
    playout = opened(0.3)
    playout.step(0.0)
    playout.open(2, 100.0)
    playout.append(2, Piece(text="two", mulaw=SECOND), 100.0)

    media = [o for o in playout.step(150.0) if isinstance(o, SendMedia) and o.epoch == 2]

    assert media[0].play_at_ms == 300.0


def test_a_settings_object_sets_slice_and_distance() -> None:
    playout = Playout(PlayoutSettings(slice_ms=60, ahead_ms=120))
    playout.open(1, 0.0)
    playout.append(1, Piece(text="one", mulaw=SECOND), 0.0)

    media = [o for o in playout.step(0.0) if isinstance(o, SendMedia)]

    assert [len(m.payload) // 8 for m in media] == [60, 60]


@settings(max_examples=50, deadline=None)
@given(
    chunks=st.lists(st.tuples(st.integers(0, 900), st.booleans(), st.integers(0, 300)), min_size=1, max_size=8),
    delay_ms=st.sampled_from([0, 30, 120]),
    holds=st.booleans(),
)
def test_whatever_the_chunks_all_is_played_once_in_order_and_never_too_far_ahead(
    chunks: list[tuple[int, bool, int]], delay_ms: int, holds: bool
) -> None:
    playout, carrier = Playout(), Carrier(delay_ms=delay_ms)
    playout.open(1, 0.0)
    audio, at_ms, played = b"", 0, []
    for index, (ms, new, wait_ms) in enumerate(chunks):
        piece = bytes([index + 1]) * 8 * ms
        audio += piece
        playout.append(1, Piece(text="word" if new else "", mulaw=piece), float(at_ms))
        at_ms += wait_ms // 10 * 10
        played += carrier.run(playout, until_ms=at_ms)
        if holds and index == 1:
            playout.hold(1, float(at_ms))
            at_ms += 400
            played += carrier.run(playout, until_ms=at_ms)
            playout.resume(1, float(at_ms))
    playout.finish(1, float(at_ms))
    played += carrier.run(playout, until_ms=at_ms + 12000)

    assert [p.epoch for p in played] == [1]
    assert carrier.payloads.get(1, b"") == audio
    assert carrier.played_ms(1) == len(audio) / 8
    assert carrier.most_ahead_ms <= 300
