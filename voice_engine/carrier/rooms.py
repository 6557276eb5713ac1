"""Conference rooms: every leg hears the others, one frame later. Pure but for the `tell` that it is given.

| state   | on                               | to                                     |
|---------|----------------------------------|----------------------------------------|
| waiting | two members, one of whom starts  | open: members hear each other          |
| open    | a member that ends it leaves     | over: every other member has to leave  |
| any     | the last member leaves           | over                                   |
"""

from collections import deque
from collections.abc import Callable

from voice_engine.audio import mixing, mulaw
from voice_engine.carrier import sounds

BEEP_MS = 200
BEEP_HZ = 700
"""What the others hear when somebody enters; Twilio's own sound is not documented."""

Tell = Callable[[str, str], None]
"""(event, call sid): told of start, end, join and leave."""


class Member:
    """One leg in a room: `frame` is what it said last (None: nothing), `present` whether it may stay."""

    def __init__(self, call_sid: str, *, ends: bool, muted: bool) -> None:
        self.call_sid = call_sid
        self.ends = ends
        self.muted = muted
        self.present = True
        self.frame: bytes | None = None
        self.sounds: deque[bytes] = deque()

    def says(self, frame: bytes) -> None:
        """The member's newest 20 ms."""
        self.frame = None if self.muted else frame


class Room:
    """One conference. It is over when `over` is set; a new one of the same name is another room."""

    def __init__(self, name: str, sid: str, tell: Tell = lambda event, call_sid: None) -> None:
        self.name = name
        self.sid = sid
        self.open = False
        self.over = False
        self._tell = tell
        self._started = False
        self._members: list[Member] = []

    @property
    def size(self) -> int:
        """How many legs are in it."""
        return len(self._members)

    def enter(self, call_sid: str, *, starts: bool, ends: bool, muted: bool, beep: bool) -> Member:
        """A leg comes in."""
        assert not self.over, "a room that is over takes nobody in"
        member = Member(call_sid, ends=ends, muted=muted)
        if beep:
            tone = list(sounds.frames(sounds.tone(BEEP_MS, BEEP_HZ, amplitude=3000.0)))
            for other in self._members:
                other.sounds.extend(tone)
        self._members.append(member)
        self._tell("participant-join", call_sid)
        self._started = self._started or starts
        if self._started and not self.open and self.size > 1:
            self.open = True
            self._tell("conference-start", call_sid)
        return member

    def leave(self, member: Member) -> None:
        """A leg goes; others may have to follow."""
        self._members.remove(member)
        member.present = False
        self._tell("participant-leave", member.call_sid)
        if member.ends or not self._members:
            self._end(member.call_sid)

    def hears(self, member: Member) -> bytes | None:
        """What the others said in their newest 20 ms, mixed; None: nothing."""
        sound = member.sounds.popleft() if member.sounds else None
        if not self.open:
            return sound
        parts = [other.frame for other in self._members if other is not member and other.frame is not None]
        if sound is not None:
            parts.append(sound)
        if len(parts) <= 1:
            return parts[0] if parts else None
        return mulaw.encode_pcm(mixing.mix(*(mulaw.decode_pcm(part) for part in parts)))

    def _end(self, call_sid: str) -> None:
        if self.over:
            return
        self.over = True
        for other in self._members:
            other.present = False
        self._tell("conference-end", call_sid)
