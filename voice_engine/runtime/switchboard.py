"""The live calls of this process, and which of them a new media stream belongs to."""

from voice_engine.errors import Conflict
from voice_engine.ports.media import MediaSocket
from voice_engine.runtime.session import CallSession
from voice_engine.runtime.stream import MediaStream
from voice_engine.telephony.twilio.events import Started

CALL_ID_PARAMETER = "call_id"
"""The `<Parameter>` that names the call in streams between trusted parts of one process."""


class Switchboard:
    """Knows each live session by its call id, and by the carrier's id once a stream came."""

    def __init__(self) -> None:
        self._sessions: dict[str, CallSession] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def add(self, session: CallSession) -> None:
        """Expect streams of this call. Raises Conflict (`call_live`) when it is known already."""
        call_id = session.spec.call_id
        if call_id in self._sessions:
            raise Conflict("call_live", f"call {call_id} is already live")
        self._sessions[call_id] = session

    def remove(self, call_id: str) -> None:
        """The call is over; idempotent."""
        self._sessions.pop(call_id, None)

    def find(self, call_id: str) -> CallSession | None:
        """The live session of a call, if it is here."""
        return self._sessions.get(call_id)

    def find_by_sid(self, call_sid: str) -> CallSession | None:
        """The live session whose stream carried this carrier id."""
        return next((s for s in self._sessions.values() if s.call_sid == call_sid), None)

    def resolve(self, start: Started) -> CallSession | None:
        """The call of a stream that comes from within this process; a stranger's is refused."""
        session = self._sessions.get(start.custom_parameters.get(CALL_ID_PARAMETER, ""))
        if session is None or session.over or session.call_sid not in {None, start.call_sid}:
            return None
        return session

    async def handle(self, socket: MediaSocket) -> None:
        """Serve one in-process stream to its end."""
        await MediaStream(socket, self.resolve).run()
