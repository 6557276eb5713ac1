"""What is traced in one process: requests of the API, and calls with the answers in them. Off unless configured.

A span is written when what it tells is over, with the times it had: nothing is carried through the code that does
the work. Spans name no person, number, word or id of a row; a request's id is the one in its log lines.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voice_engine.errors import InvalidInput

Headers = Iterable[tuple[bytes, bytes]]
"""As ASGI gives them: lower-case names, raw values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer of the engine: where in its call it began to sound, and its latency's parts, both in ms.

    `latency_ms` has `total`; parts that the answer did not have are None or left out (`telemetry.metrics.STAGES`).
    """

    turn: int
    at_ms: float
    latency_ms: Mapping[str, float | None]


class Tracing:
    """Tracing that is off: takes everything, keeps nothing."""

    def request_served(
        self, *, method: str, route: str | None, status: int, seconds: float, request_id: str, headers: Headers
    ) -> None:
        """One API request is over, just now. `route` is the template; `status` 0: it was never answered.

        `headers` are the request's: a W3C `traceparent` among them makes this span a part of the caller's trace.
        """

    def call_ended(
        self,
        *,
        direction: str,
        status: str,
        disposition: str,
        answered_at: dt.datetime,
        seconds: float,
        answers: Sequence[Answered],
    ) -> None:
        """One call is over. `answered_at` is aware; `seconds` is its connected time."""

    async def aclose(self) -> None:
        """Send what is left, and stop."""


def open_tracing(endpoint: str | None, service_name: str) -> Tracing:
    """Tracing to the OTLP/HTTP collector at `endpoint`, a base URL; None: off, and nothing is loaded.

    Raises InvalidInput: `missing_extra`.
    """
    if endpoint is None:
        return Tracing()
    try:
        from voice_engine.telemetry import spans  # noqa: PLC0415  # an extra
    except ImportError as error:
        message = "tracing needs the `otel` extra: pip install 'voice-engine[otel]'"
        raise InvalidInput("missing_extra", message) from error
    return spans.to_collector(endpoint, service_name)
