"""A load run on the virtual clock: an engine with a known delay, and what is measured of it."""

import asyncio
import base64
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.carrier.lines import tone_mulaw
from voice_engine.carrier.control import stream_document
from voice_engine.carrier.leg import SILENT_FRAME
from voice_engine.carrier.load import LoadPlan, run_load
from voice_engine.carrier.loadsocket import Sender
from voice_engine.carrier.loadstats import LoadReport
from voice_engine.carrier.takes import Take
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed

VOICED = tone_mulaw(20)


def take(*, frames: int = 200, turns: tuple[tuple[int, int], ...] = ((10, 59),)) -> Take:
    """A recording that speaks in the given spans of frames."""
    speaking = {index for first, last in turns for index in range(first, last + 1)}
    return Take(
        name="take",
        payloads=tuple(base64.b64encode(VOICED if i in speaking else SILENT_FRAME) for i in range(frames)),
        turn_ends=frozenset(last for _, last in turns),
        onsets=frozenset(first for first, _ in turns),
    )


class TinyEngine:
    """The far end of one load socket: says `reply_ms` of tone `delay_ms` after the caller falls silent."""

    def __init__(
        self,
        on_text: Callable[[bytes], None],
        on_close: Callable[[], None],
        *,
        delay_ms: int,
        reply_ms: int,
        pause_ms: int,
        clear_after_ms: int | None,
    ) -> None:
        self.events: list[dict[str, Any]] = []
        self.at_ms: list[float] = []
        self._on_text = on_text
        self._on_close = on_close
        self._delay_ms = delay_ms
        self._reply_ms = reply_ms
        self._pause_ms = pause_ms
        self._clear_after_ms = clear_after_ms
        self._loop = asyncio.get_running_loop()
        self._was_loud = False
        self._spoke = False
        self._sid = ""

    def send(self, text: bytes) -> None:
        body = json.loads(text)
        self.events.append(body)
        self.at_ms.append(self._loop.time() * 1000)
        if body["event"] == "start":
            self._sid = body["streamSid"]
        if body["event"] != "media":
            return
        loud = base64.b64decode(body["media"]["payload"]) == VOICED
        if self._was_loud and not loud:
            self._loop.call_later((self._delay_ms - 20) / 1000, self._reply)
        if loud and not self._was_loud and self._spoke and self._clear_after_ms is not None:
            self._loop.call_later(self._clear_after_ms / 1000, self._say, {"event": "clear"})
        self._was_loud = loud

    def close(self) -> None:
        self._loop.call_soon(self._on_close)

    def _reply(self) -> None:
        self._spoke = True
        half = base64.b64encode(tone_mulaw(self._reply_ms // 2)).decode()
        self._say({"event": "media", "media": {"payload": half}})
        second = self._reply_ms / 2 + self._pause_ms
        self._loop.call_later(second / 1000, self._say, {"event": "media", "media": {"payload": half}})
        self._loop.call_later(second / 1000, self._say, {"event": "mark", "mark": {"name": "end"}})

    def _say(self, body: Mapping[str, Any]) -> None:
        self._on_text(json.dumps({**body, "streamSid": self._sid}).encode())


def run(
    plan: LoadPlan,
    recording: Take,
    *,
    delay_ms: int = 500,
    reply_ms: int = 400,
    pause_ms: int = -100,
    clear_after_ms: int | None = None,
    document: str = stream_document("wss://engine.test/media"),
) -> tuple[LoadReport, list[TinyEngine], list[tuple[str, Mapping[str, str]]]]:
    engines: list[TinyEngine] = []
    posted: list[tuple[str, Mapping[str, str]]] = []

    def post(url: str, form: Mapping[str, str]) -> str:
        posted.append((url, form))
        return document

    async def connect(url: str, on_text: Callable[[bytes], None], on_close: Callable[[], None]) -> Sender:
        engine = TinyEngine(
            on_text,
            on_close,
            delay_ms=delay_ms,
            reply_ms=reply_ms,
            pause_ms=pause_ms,
            clear_after_ms=clear_after_ms,
        )
        engines.append(engine)
        return engine

    return run_virtual(run_load([recording], post, plan, connect=connect)), engines, posted


def test_a_call_is_a_webhook_a_stream_and_a_hang_up() -> None:
    report, engines, posted = run(LoadPlan(calls=1), take())

    events = [body["event"] for body in engines[0].events]
    assert (events[0], events[1], events[-1]) == ("connected", "start", "stop")
    assert events.count("media") == 200
    assert [body["sequenceNumber"] for body in engines[0].events[1:]] == [
        str(n + 1) for n in range(len(events) - 1)
    ]
    assert posted[0][1]["CallSid"] == engines[0].events[1]["start"]["callSid"]
    assert (report.calls_completed, report.errors, report.frames_sent) == (1, {}, 200)
    assert report.call_seconds == pytest.approx(4.0)


def test_the_response_is_timed_from_the_callers_last_voiced_frame() -> None:
    report, _, _ = run(LoadPlan(calls=1), take(), delay_ms=730)

    assert (report.turns, report.unanswered) == (1, 0)
    assert report.response_ms.p50 == pytest.approx(730, abs=1)


def test_a_turn_that_gets_no_answer_is_counted() -> None:
    report, _, _ = run(LoadPlan(calls=1), take(turns=((10, 40), (100, 130))), delay_ms=60_000)

    assert (report.turns, report.unanswered, report.response_ms.count) == (2, 2, 0)


def test_a_barge_in_is_timed_to_the_clear_and_returns_the_marks() -> None:
    """The reply plays until 5 s; the caller starts to speak at 2 s; the engine clears 240 ms later."""
    recording = take(turns=((10, 40), (100, 130)))

    report, engines, _ = run(
        LoadPlan(calls=1), recording, delay_ms=100, reply_ms=4000, pause_ms=-2000, clear_after_ms=240
    )

    assert report.clears == 1
    assert report.barge_in_ms.p50 == pytest.approx(240, abs=1)
    marks = [at for at, body in zip(engines[0].at_ms, engines[0].events, strict=True) if body["event"] == "mark"]
    assert marks[0] == pytest.approx(101 * 20 + 240, abs=1)


def test_a_mark_is_echoed_when_its_audio_has_played() -> None:
    """The answer begins at 1.2 + 0.5 s, and 400 ms of it are played."""
    _, engines, _ = run(LoadPlan(calls=1), take(), delay_ms=500)

    marks = [at for at, body in zip(engines[0].at_ms, engines[0].events, strict=True) if body["event"] == "mark"]
    assert marks == [pytest.approx(60 * 20 + 500 + 400, abs=20.1)]


def test_audio_that_comes_too_late_is_counted_in_frames() -> None:
    smooth, _, _ = run(LoadPlan(calls=1), take(), pause_ms=-100)
    broken, _, _ = run(LoadPlan(calls=1), take(), pause_ms=70)

    assert (smooth.late_frames, smooth.gaps) == (0, 0)
    assert (broken.late_frames, broken.gaps, broken.frames_in) == (4, 1, 20)


def test_slots_start_along_the_ramp_and_call_again_until_the_duration_is_over() -> None:
    report, _, posted = run(LoadPlan(calls=4, ramp=2, duration_s=10), take())

    assert report.peak_calls == 4
    assert report.calls_started == len(posted) == 12
    assert report.calls_completed == 12


def test_refusals_and_errors_are_counted_not_raised() -> None:
    def fail(url: str, form: Mapping[str, str]) -> str:
        raise UpstreamFailed("webhook_failed", "nobody there", provider="engine", retryable=True)

    refused, _, _ = run(LoadPlan(calls=2), take(), document="<Response><Reject reason='busy'/></Response>")
    failed = run_virtual(run_load([take()], fail, LoadPlan(calls=2)))

    assert (refused.calls_refused, refused.calls_completed) == (2, 0)
    assert (failed.errors, failed.response_ms.p50) == ({"nobody there": 2}, None)


def test_the_report_is_json() -> None:
    report, _, _ = run(LoadPlan(calls=1), take())

    assert json.loads(json.dumps(report.as_dict()))["late_share"] == 0.0


def test_the_servers_cpu_and_memory_are_read_when_its_process_is_known() -> None:
    known, _, _ = run(LoadPlan(calls=1, server_pid=os.getpid()), take())
    unknown, _, _ = run(LoadPlan(calls=1), take())

    assert known.cpu_per_call_s is not None
    assert (known.server_rss_bytes or 0) > 10_000_000
    assert (unknown.cpu_per_call_s, unknown.server_rss_bytes) == (None, None)
