"""`Tracing` as OpenTelemetry spans. Only `open_tracing` imports this: it loads the SDK (the `otel` extra).

Names follow the semantic conventions for HTTP servers (https://opentelemetry.io/docs/specs/semconv/http/http-spans/)
without the path and the peer, which hold ids and addresses. The provider is our own, not the process's global one,
so that no library's spans come along.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Sequence

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from voice_engine import __version__
from voice_engine.telemetry.metrics import STAGES
from voice_engine.telemetry.tracing import Answered, Headers, Tracing

EXPORT_TIMEOUT_S = 3.0
"""One batch's, with its tries."""
CLOSE_S = 3.0
"""How long the end of the process waits for a collector that is away; then what is left is dropped."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
OTHER_METHOD = "_OTHER"
"""The conventions' word for a method that a client made up."""

NS = 1_000_000_000
NS_PER_MS = 1_000_000

_FAILED = "_failed"
"""How dispositions end that say a call broke."""

_PROPAGATOR = TraceContextTextMapPropagator()
_PROPAGATED = frozenset({b"traceparent", b"tracestate"})


class Spans(Tracing):
    """Spans that `processor` brings to `exporter`; by default in batches, from a thread of its own.

    `now_ns` is the wall clock, in ns since the epoch.
    """

    def __init__(
        self,
        exporter: SpanExporter,
        *,
        service_name: str,
        processor: Callable[[SpanExporter], SpanProcessor] = BatchSpanProcessor,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        resource = Resource.create({SERVICE_NAME: service_name, SERVICE_VERSION: __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor(exporter))
        self._exporter = exporter
        self._tracer = self._provider.get_tracer("voice_engine", __version__)
        self._now_ns = now_ns

    def request_served(
        self, *, method: str, route: str | None, status: int, seconds: float, request_id: str, headers: Headers
    ) -> None:
        """One server span. What the client got wrong is no error of ours: only 5xx, or no answer, is."""
        known = method if method in METHODS else OTHER_METHOD
        attributes: dict[str, AttributeValue] = {
            "http.request.method": known,
            "voice_engine.request_id": request_id,
        }
        if route is not None:
            attributes["http.route"] = route
        if status:
            attributes["http.response.status_code"] = status
        ended_ns = self._now_ns()
        verb = "HTTP" if known == OTHER_METHOD else known
        span = self._tracer.start_span(
            verb if route is None else f"{verb} {route}",
            context=_parent(headers),
            kind=SpanKind.SERVER,
            attributes=attributes,
            start_time=ended_ns - round(seconds * NS),
        )
        _end(span, ended_ns, failed=status == 0 or status >= 500)

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
        """One trace a call: `call`, and under it a `turn` for each answer, as long as the other party waited."""
        started_ns = round(answered_at.timestamp() * NS)
        call = self._tracer.start_span(
            "call",
            context=Context(),
            attributes={
                "voice_engine.call.direction": direction,
                "voice_engine.call.status": status,
                "voice_engine.call.disposition": disposition,
                "voice_engine.call.seconds": seconds,
            },
            start_time=started_ns,
        )
        within = set_span_in_context(call, Context())
        for answer in answers:
            self._turn(answer, within, started_ns)
        _end(call, started_ns + round(seconds * NS), failed=disposition.endswith(_FAILED))

    def _turn(self, answer: Answered, within: Context, call_ns: int) -> None:
        attributes: dict[str, AttributeValue] = {"voice_engine.turn.index": answer.turn}
        for stage in STAGES:
            if (taken_ms := answer.latency_ms.get(stage)) is not None:
                attributes[f"voice_engine.latency.{stage}_ms"] = taken_ms
        waited_ms = answer.latency_ms.get("total") or 0.0
        ended_ns = call_ns + round(answer.at_ms * NS_PER_MS)
        started_ns = max(call_ns, ended_ns - round(waited_ms * NS_PER_MS))
        span = self._tracer.start_span("turn", context=within, attributes=attributes, start_time=started_ns)
        span.end(ended_ns)

    async def aclose(self) -> None:
        """Send what is left, beside the loop: the exporter blocks. Takes `CLOSE_S` and a batch's time at most."""
        closing = asyncio.get_running_loop().run_in_executor(None, self._provider.shutdown)
        await asyncio.wait({closing}, timeout=CLOSE_S)
        if not closing.done():
            self._exporter.shutdown()  # it tries no further batch, and the thread that does ends
        await closing


def to_collector(endpoint: str, service_name: str) -> Spans:
    """Spans sent in batches, from a thread, to the collector at this base URL."""
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=EXPORT_TIMEOUT_S)
    return Spans(exporter, service_name=service_name)


def _parent(headers: Headers) -> Context:
    """The caller's span, when it names one that can be read."""
    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name in _PROPAGATED}
    return _PROPAGATOR.extract(carrier, context=Context())


def _end(span: Span, at_ns: int, *, failed: bool) -> None:
    if failed:
        span.set_status(StatusCode.ERROR)
    span.end(at_ns)
