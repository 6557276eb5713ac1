"""`Switch` of the REST half: other legs are calls of their own, callbacks are signed, recordings are kept."""

from collections.abc import Mapping

from voice_engine.carrier.faults import FaultPlan
from voice_engine.carrier.leg import Line
from voice_engine.carrier.record import Answer, CallRecord
from voice_engine.carrier.rest.answers import rfc2822
from voice_engine.carrier.rest.book import CallBook, new_sid
from voice_engine.carrier.rest.call import Call, Webhook
from voice_engine.carrier.rest.parts import ExchangeParts
from voice_engine.carrier.rest.recordings import Recording
from voice_engine.carrier.rooms import Room
from voice_engine.carrier.switch import Document
from voice_engine.carrier.verbs import DialConference, DialNumber, RecordVerb
from voice_engine.ports.clock import Clock
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallStatus

_ROOM_EVENTS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
}


class DialledLeg:
    """The other leg of a <Dial>: a call of the book."""

    def __init__(self, call: Call, book: CallBook, *, line: Line | None, answer: Answer) -> None:
        self.call_sid = call.sid
        self.line = line
        self.answer = answer
        self._call = call
        self._book = book

    def moved(self, status: CallStatus) -> None:
        """The leg is ringing, in progress, or ended."""
        self._book.move(self._call, status)


class RestSwitch:
    """The exchange as a running call sees it."""

    def __init__(self, parts: ExchangeParts, book: CallBook) -> None:
        self._parts = parts
        self._book = book
        self._rooms: dict[str, Room] = {}

    @property
    def clock(self) -> Clock:
        """The clock of calls."""
        return self._parts.clock

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong on streams."""
        return self._parts.media_faults

    @property
    def account_sid(self) -> str:
        """Whose calls these are."""
        return self._parts.account_sid

    def new_sid(self, prefix: str) -> str:
        """A fresh id."""
        return new_sid(prefix)

    async def connect(self, url: str) -> MediaSocket:
        """Open a stream's socket. Raises UpstreamFailed."""
        return await self._parts.connect(url)

    async def fetch(self, record: CallRecord, url: str, form: Mapping[str, str]) -> Document | None:
        """Ask for TwiML; on failure the record says why."""
        call = self._book.find(record.call_sid)
        about = call.form() if call is not None else {"CallSid": record.call_sid}
        answered = await self._parts.callbacks.fetch(url, about | dict(form))
        if answered.error is not None:
            record.errors.append(answered.error)
            return None
        return Document(answered.text, url)

    def tell(self, url: str, form: Mapping[str, str]) -> None:
        """Post a stream's callback."""
        self._book.post(Webhook(url=url), form, event="stream", order=form["CallSid"])

    async def ring(self, record: CallRecord, verb: DialNumber) -> DialledLeg:
        """Begin to ring a number for this call."""
        parent = self._book.find(record.call_sid)
        assert parent is not None, "a running call is in the book"
        child = self._book.open(
            to=verb.number,
            from_number=verb.caller_id or parent.from_number,
            direction="outbound-dial",
            parent_sid=parent.sid,
        )
        if verb.status_callback is not None:
            child.status_hook, child.status_events = Webhook(url=verb.status_callback), verb.status_events
        self._book.dialling(child)
        reached = await self._parts.reach.reach(verb.number)
        return DialledLeg(child, self._book, line=reached.line, answer=reached.answer)

    async def speak(self, text: str, language: str) -> bytes:
        """The text as μ-law."""
        return await self._parts.voice.speak(text, language)

    def room(self, verb: DialConference) -> Room:
        """The room of that name; who opens it decides where its callbacks go."""
        room = self._rooms.get(verb.name)
        if room is None or room.over:
            room = self._rooms[verb.name] = self._new_room(verb)
        return room

    async def keep(self, record: CallRecord, verb: RecordVerb, audio: bytes) -> Mapping[str, str]:
        """Store what a <Record> heard, and tell its callback."""
        recording = await self._parts.recordings.keep(
            [audio],
            account_sid=self.account_sid,
            call_sid=record.call_sid,
            source="RecordVerb",
            now=self._parts.now(),
        )
        if verb.status_callback is not None:
            self.tell_recording(recording, Webhook(url=verb.status_callback))
        return self.recording_form(recording)

    def recording_form(self, recording: Recording) -> dict[str, str]:
        """A recording as an action's form has it."""
        return {
            "RecordingSid": recording.sid,
            "RecordingUrl": f"{self._parts.base_url}{recording.path}",
            "RecordingDuration": str(recording.duration_s),
        }

    def tell_recording(self, recording: Recording, hook: Webhook) -> None:
        """The recording status callback."""
        form = self.recording_form(recording) | {
            "AccountSid": recording.account_sid,
            "CallSid": recording.call_sid,
            "RecordingStatus": "completed",
            "RecordingChannels": str(recording.channels),
            "RecordingSource": recording.source,
            "RecordingTrack": "both" if recording.channels == 2 else "inbound",
            "RecordingStartTime": rfc2822(recording.created_at) or "",
            "ErrorCode": "0",
        }
        self._book.post(hook, form, event="recording", order=recording.call_sid)

    def _new_room(self, verb: DialConference) -> Room:
        for name in [name for name, room in self._rooms.items() if room.over]:
            del self._rooms[name]
        sid = new_sid("CF")
        sequence = 0

        def tell(event: str, call_sid: str) -> None:
            nonlocal sequence
            if verb.status_callback is None or _ROOM_EVENTS[event] not in verb.status_events:
                return
            sequence += 1
            form = {
                "AccountSid": self.account_sid,
                "ConferenceSid": sid,
                "FriendlyName": verb.name,
                "StatusCallbackEvent": event,
                "SequenceNumber": str(sequence),
                "Timestamp": rfc2822(self._parts.now()) or "",
            }
            if event.startswith("participant"):
                form["CallSid"] = call_sid
            self._book.post(Webhook(url=verb.status_callback), form, event="conference", order=sid)

        return Room(verb.name, sid, tell)
