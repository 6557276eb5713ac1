"""Conference rooms frame by frame."""

import numpy as np

from tests.carrier.lines import tone_mulaw
from voice_engine.audio import mulaw
from voice_engine.carrier.rooms import BEEP_MS, Member, Room

A, B, C = (tone_mulaw(20, hz) for hz in (300, 500, 800))


class Told:
    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def __call__(self, event: str, call_sid: str) -> None:
        self.events.append((event, call_sid))


def enter(room: Room, sid: str, **changes: bool) -> Member:
    return room.enter(sid, **{"starts": True, "ends": False, "muted": False, "beep": False, **changes})


def test_one_alone_hears_nothing_and_is_not_started() -> None:
    told = Told()
    room = Room("r", "CF1", told)

    alone = enter(room, "CA1")
    alone.says(A)

    assert room.hears(alone) is None
    assert told.events == [("participant-join", "CA1")]


def test_two_hear_each_other_byte_for_byte() -> None:
    room = Room("r", "CF1")
    one, two = enter(room, "CA1"), enter(room, "CA2")
    one.says(A)
    two.says(B)

    assert (room.hears(one), room.hears(two)) == (B, A)


def test_three_are_mixed_without_oneself() -> None:
    room = Room("r", "CF1")
    members = [enter(room, f"CA{n}") for n in range(3)]
    for member, frame in zip(members, (A, B, C), strict=True):
        member.says(frame)

    mixed = room.hears(members[0])

    assert mixed is not None
    expected = mulaw.decode_pcm(B).astype(int) + mulaw.decode_pcm(C)
    assert np.abs(mulaw.decode_pcm(mixed) - expected).max() <= 512, "one μ-law step at this level"


def test_a_room_waits_for_somebody_who_starts_it() -> None:
    told = Told()
    room = Room("r", "CF1", told)
    one, two = enter(room, "CA1", starts=False), enter(room, "CA2", starts=False)
    one.says(A)

    assert room.hears(two) is None
    enter(room, "CA3")
    assert room.hears(two) == A
    assert told.events[-1] == ("conference-start", "CA3")


def test_who_starts_may_come_first() -> None:
    room = Room("r", "CF1")
    one, two = enter(room, "CA1"), enter(room, "CA2", starts=False)
    one.says(A)

    assert room.hears(two) == A


def test_the_others_hear_somebody_come_in() -> None:
    room = Room("r", "CF1")
    one = enter(room, "CA1", beep=True)
    two = enter(room, "CA2", beep=True)
    heard = [room.hears(one) for _ in range(BEEP_MS // 20 + 1)]

    assert all(heard[:-1])
    assert heard[-1] is None
    assert room.hears(two) is None, "who comes in hears no beep"


def test_the_last_one_out_ends_the_room_once() -> None:
    told = Told()
    room = Room("r", "CF1", told)
    one, two = enter(room, "CA1"), enter(room, "CA2")
    over = []
    for member in (one, two):
        room.leave(member)
        over.append(room.over)

    assert over == [False, True]
    assert [event for event, _ in told.events].count("conference-end") == 1


def test_who_ends_the_room_sends_everybody_out() -> None:
    room = Room("r", "CF1")
    host, guest = enter(room, "CA1", ends=True), enter(room, "CA2")
    room.leave(host)

    assert room.over
    assert not guest.present
