"""What the carrier tells of media streams: opened, closed, or why one could not be opened or kept."""

from collections import deque
from collections.abc import Mapping
from typing import Protocol

import structlog

from voice_engine.ports.call import CallSpec
from voice_engine.runtime.closing import EndCause
from voice_engine.telemetry.metrics import Metrics
from voice_engine.telephony.twilio.events import Started
from voice_engine.web.calls import BRIDGE

KEPT_STREAMS = 1000
"""Streams whose `start` has come here; an error tells of one within seconds. The oldest are forgotten."""
STREAM_ERROR = "stream_error"
MOST_REASON = 200
"""Characters of the carrier's own words."""

_log = structlog.get_logger(__name__)


class Holds(Protocol):
    """What is ended: `runtime.session.CallSession`."""

    spec: CallSpec

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        ...

    def end(self, cause: EndCause) -> None:
        """The call is over."""
        ...


class StreamReports:
    """The streams of one process, as the carrier sees them.

    An error of a stream that has been here is no end: its socket closes, and the call gets another stream. One that
    never came leaves the other party in silence: there the call ends, as lost.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._opened: deque[str] = deque(maxlen=KEPT_STREAMS)

    def opened(self, start: Started) -> None:
        """A stream's `start` came."""
        self._opened.append(start.stream_sid)

    def told(self, query: Mapping[str, str], form: Mapping[str, str], session: Holds | None) -> None:
        """One status callback; `session` is the call's, when it is up here."""
        said = {
            "call_id": query.get("call_id") or query.get(BRIDGE) or (session.spec.call_id if session else None),
            "call_sid": form.get("CallSid"),
            "stream_sid": form.get("StreamSid"),
        }
        match form.get("StreamEvent"):
            case "stream-started":
                _log.info("stream.started", **said)
            case "stream-stopped":
                _log.info("stream.stopped", **said)
            case "stream-error":
                self._metrics.provider_errors.labels("carrier", STREAM_ERROR).inc()
                _log.warning("stream.error", **said, reason=form.get("StreamError", "")[:MOST_REASON])
                if session is not None and not session.over and form.get("StreamSid") not in self._opened:
                    session.end("lost")
            case other:
                _log.warning("carrier.report_unread", kind="stream", status=other)
