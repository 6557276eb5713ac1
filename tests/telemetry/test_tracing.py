"""Spans of requests and calls: what they say, what they must not, and that tracing which is off is not there."""

import asyncio
import datetime as dt
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from tests.fakes.call_rig import RECEPTIONIST, clip
from tests.fakes.takeover_rig import rig
from tests.web.asgi import Answer, request
from voice_engine.audio import mulaw
from voice_engine.clock import run_virtual
from voice_engine.config import load_settings
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import CallReport
from voice_engine.rest.requests import Requests
from voice_engine.telemetry import spans
from voice_engine.telemetry.spans import Spans
from voice_engine.telemetry.tracing import Answered, Tracing, open_tracing

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"
NOW_NS = 1_800_000_000 * 10**9
ANSWERED_AT = dt.datetime(2026, 5, 4, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=-4)))


def recorded() -> tuple[Spans, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    return Spans(exporter, service_name="tests", processor=SimpleSpanProcessor, now_ns=lambda: NOW_NS), exporter


def api(tracing: Tracing | None) -> ASGIApp:
    async def person(_request: Request) -> Response:
        return PlainTextResponse("Ann")

    async def bug(_request: Request) -> Response:
        raise RuntimeError("Ann Smith, +15550123")

    app = Starlette(routes=[Route("/v1/people/{number}", person), Route("/v1/bug", bug)])
    return Requests(app, render_bug=lambda: PlainTextResponse("bug", 500), tracing=tracing)


def served(method: str, path: str, headers: Mapping[str, str] | None = None) -> tuple[Answer, ReadableSpan]:
    tracing, exporter = recorded()
    with capture_logs():
        answer = asyncio.run(request(api(tracing), method, path, headers=headers))
    (span,) = exporter.get_finished_spans()
    return answer, span


def test_a_request_is_a_span_named_by_its_route() -> None:
    answer, span = served(
        "GET", "/v1/people/+15550123?name=Ann", {"authorization": "Bearer s3cret", "x-name": "Ann"}
    )

    assert span.name == "GET /v1/people/{number}"
    assert span.kind is SpanKind.SERVER
    assert span.parent is None
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/v1/people/{number}",
        "http.response.status_code": 200,
        "voice_engine.request_id": answer.headers["x-correlation-id"],
    }
    assert span.end_time == NOW_NS
    assert span.start_time is not None
    assert 0 < NOW_NS - span.start_time < 10**9


def test_a_request_is_part_of_the_trace_that_it_came_with() -> None:
    _, span = served("GET", "/v1/people/1", {"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-01"})

    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE_ID, PARENT_ID)


@pytest.mark.parametrize("header", ["", "00-zz-zz-01", f"00-{'0' * 32}-{PARENT_ID}-01", "\xff" * 55])
def test_a_traceparent_that_cannot_be_read_starts_a_trace_of_its_own(header: str) -> None:
    tracing, exporter = recorded()
    raw = [(b"traceparent", header.encode("latin-1"))]

    tracing.request_served(method="GET", route="/v1", status=200, seconds=0.1, request_id="r", headers=raw)

    (span,) = exporter.get_finished_spans()
    assert span.parent is None


def test_a_caller_that_does_not_sample_is_not_traced() -> None:
    tracing, exporter = recorded()
    raw = [(b"traceparent", f"00-{TRACE_ID}-{PARENT_ID}-00".encode())]

    tracing.request_served(method="GET", route="/v1", status=200, seconds=0.1, request_id="r", headers=raw)

    assert exporter.get_finished_spans() == ()


def test_what_a_client_makes_up_names_no_span() -> None:
    """Names and attributes stay few, and hold no path."""
    _, span = served("ANN", "/+15550123")

    assert span.name == "HTTP"
    assert (span.attributes or {})["http.request.method"] == "_OTHER"
    assert "+15550123" not in span.to_json()


def test_a_bug_is_an_error_without_its_words_and_a_wrong_request_is_none() -> None:
    _, bug = served("GET", "/v1/bug")
    _, missing = served("GET", "/v1/nothing")

    assert (bug.status.status_code.name, missing.status.status_code.name) == ("ERROR", "UNSET")
    assert bug.events == ()
    assert "Ann Smith" not in bug.to_json()


def test_a_call_has_its_answers_under_it() -> None:
    tracing, exporter = recorded()
    answers = [
        Answered(turn=2, at_ms=5_000, latency_ms={"total": 740.0, "stt": 210.0, "llm": None}),
        Answered(turn=4, at_ms=300, latency_ms={"total": 900.0}),
    ]

    tracing.call_ended(
        direction="inbound",
        status="completed",
        disposition="completed",
        answered_at=ANSWERED_AT,
        seconds=61.5,
        answers=answers,
    )

    second, early, call = sorted(exporter.get_finished_spans(), key=lambda span: span.name, reverse=True)
    start_ns = 1_777_903_200 * 10**9
    assert (call.name, call.start_time, call.end_time) == ("call", start_ns, start_ns + 61_500_000_000)
    assert dict(call.attributes or {}) == {
        "voice_engine.call.direction": "inbound",
        "voice_engine.call.status": "completed",
        "voice_engine.call.disposition": "completed",
        "voice_engine.call.seconds": 61.5,
    }
    assert call.status.status_code.name == "UNSET"
    assert second.parent is not None
    assert (second.name, second.parent.span_id) == ("turn", call.context.span_id)
    assert (second.start_time, second.end_time) == (start_ns + 4_260_000_000, start_ns + 5_000_000_000)
    assert dict(second.attributes or {}) == {
        "voice_engine.turn.index": 2,
        "voice_engine.latency.total_ms": 740.0,
        "voice_engine.latency.stt_ms": 210.0,
    }
    assert early.start_time == start_ns, "nothing of a call is before it"


def test_a_call_that_broke_is_an_error() -> None:
    tracing, exporter = recorded()

    tracing.call_ended(
        direction="outbound",
        status="failed",
        disposition="engine_failed",
        answered_at=ANSWERED_AT,
        seconds=0.0,
        answers=[],
    )

    (call,) = exporter.get_finished_spans()
    assert call.status.status_code.name == "ERROR"


def test_a_held_call_is_traced_and_says_nothing_of_who_spoke_or_what() -> None:
    tracing, exporter = recorded()

    async def main() -> CallReport:
        async with rig("Where are you located?", tracing=tracing) as one:
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(8.0)
            one.engine.end_all()
            return await one.ended()

    report = run_virtual(main())
    written = exporter.get_finished_spans()
    answered = [turn.index for turn in report.turns if turn.latency and turn.latency.total is not None]

    assert answered
    assert [(span.attributes or {}).get("voice_engine.turn.index") for span in written] == [*answered, None]
    told = "".join(span.to_json() for span in written)
    assert '"voice_engine.call.status": "cancelled"' in told
    secrets = {RECEPTIONIST.call_id, "Bright Smile", "Ann", "+1555", *(turn.text for turn in report.turns)}
    assert {secret for secret in secrets if secret in told} == set()


@contextmanager
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A collector's door on this machine, and what was brought to it."""
    brought: list[tuple[str, bytes]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            brought.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/base", brought
        finally:
            server.shutdown()
            thread.join()


def test_closing_brings_what_is_left_to_the_collector() -> None:
    async def main(url: str) -> None:
        tracing = open_tracing(url, "front-desk")
        tracing.request_served(method="GET", route="/v1", status=200, seconds=0.1, request_id="r", headers=[])
        await tracing.aclose()

    with collector() as (url, brought):
        asyncio.run(main(url))

    ((path, body),) = brought
    assert path == "/base/v1/traces"
    (of_service,) = ExportTraceServiceRequest.FromString(body).resource_spans
    resource = {fact.key: fact.value.string_value for fact in of_service.resource.attributes}
    assert resource["service.name"] == "front-desk"
    assert [span.name for scope in of_service.scope_spans for span in scope.spans] == ["GET /v1"]


class GoneExporter(SpanExporter):
    """A collector that is away: a batch is tried until the exporter is shut down."""

    def __init__(self) -> None:
        self.down = threading.Event()
        self.tried = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.tried += 1
        self.down.wait(10.0)
        return SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self.down.set()


def test_a_collector_that_is_away_does_not_keep_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "CLOSE_S", 0.02)
    exporter = GoneExporter()

    async def main() -> None:
        tracing = Spans(exporter, service_name="tests")
        tracing.request_served(method="GET", route="/v1", status=200, seconds=0.1, request_id="r", headers=[])
        async with asyncio.timeout(5.0):
            await tracing.aclose()

    asyncio.run(main())

    assert exporter.tried == 1


def test_the_endpoint_is_a_setting_and_off_unless_set() -> None:
    assert load_settings({}).otel.endpoint is None
    assert load_settings({"VOICE_ENGINE_OTEL__ENDPOINT": "http://c:4318/"}).otel.endpoint == "http://c:4318"


OFF = """
import asyncio, sys
from voice_engine.telemetry.tracing import open_tracing
tracing = open_tracing(None, "voice-engine")
tracing.request_served(method="GET", route="/v1", status=200, seconds=0.1, request_id="r", headers=[])
asyncio.run(tracing.aclose())
print(*(name for name in sys.modules if name.startswith("opentelemetry")))
"""


def test_tracing_that_is_off_loads_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", OFF], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_a_missing_extra_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    monkeypatch.delitem(sys.modules, "voice_engine.telemetry.spans")
    monkeypatch.delattr("voice_engine.telemetry.spans", raising=False)

    with pytest.raises(InvalidInput, match=r"pip install 'voice-engine\[otel\]'") as refused:
        open_tracing("http://127.0.0.1:4318", "voice-engine")

    assert refused.value.code == "missing_extra"
