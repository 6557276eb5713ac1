"""Figures of the database on the metrics page."""

import datetime as dt
from pathlib import Path

import pytest

from tests.fakes.accounts import NOW
from tests.fakes.calls import CallsRig, new_call, open_calls, report
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.telephony import OUTCOME_UNKNOWN, CallStatus
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.telemetry.metrics import Metrics
from voice_engine.web.sampling import sample_once
from voice_engine.web.tallies import LOOKS_BACK, Tallies


class Sampled:
    """A server's page, sampled by hand."""

    def __init__(self, rig: CallsRig, *, since: dt.datetime = NOW) -> None:
        self._rig = rig
        self._metrics = Metrics()
        self._tallies = Tallies(self._metrics, since=since)

    async def sample(self) -> None:
        await sample_once(self._rig.store, self._metrics, now=self._rig.now, tallies=self._tallies)

    def value(self, name: str, **labels: str) -> float:
        return self._metrics.registry.get_sample_value(f"voice_engine_{name}", labels) or 0.0

    def ended(self, status: str, disposition: str) -> float:
        return self.value("calls_total", direction="outbound", status=status, disposition=disposition)


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> CallsRig:
    return await open_calls(store, tmp_path)


async def test_waiting_calls_and_jobs_are_on_the_page(rig: CallsRig) -> None:
    """One call now and one for tomorrow; their jobs, and one more."""
    page = Sampled(rig)
    await rig.ask()
    async with rig.store.system("tests") as work:
        await enqueue(work, Job(kind="other"))

    await page.sample()

    assert page.value("queue_depth", queue="calls_queued") == 1
    assert page.value("queue_depth", queue="calls_scheduled") == 0
    assert page.value("queue_depth", queue="outbox") == 2
    assert page.value("workers_alive") == 0


async def test_a_figure_falls_again(rig: CallsRig) -> None:
    """A queue that ran empty is 0, not what it last was."""
    page = Sampled(rig)
    await rig.ask(new_call())
    await page.sample()
    await rig.jobs.run_due()

    await page.sample()

    assert page.value("queue_depth", queue="calls_queued") == 0


async def test_a_call_is_counted_once_with_what_the_ledger_charged(rig: CallsRig) -> None:
    """Not by the engine's own estimate."""
    page = Sampled(rig)
    call, _ = await rig.answered()
    rig.now += dt.timedelta(seconds=100)
    await rig.lifecycle.finish(call.id, report(call.id, seconds=95.2), None)
    used, _ = await rig.balance()

    await page.sample()
    await page.sample()

    assert page.ended("success", "completed") == 1
    assert page.value("call_seconds_total", direction="outbound") == 95.2
    assert page.value("credits_total") == float(used) > 0


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (CallStatus.BUSY, "busy", "busy"),
        (CallStatus.NO_ANSWER, "no_answer", "no_answer"),
        (CallStatus.FAILED, "failed", "carrier_failed"),
    ],
)
async def test_calls_that_no_engine_held_are_counted_too(
    rig: CallsRig, status: CallStatus, state: str, reason: str
) -> None:
    page = Sampled(rig)
    _, dial = await rig.dialled()
    await rig.says(dial, status)

    await page.sample()

    assert (page.ended(state, reason), page.value("credits_total")) == (1, 0)


async def test_dials_that_fail_are_counted_by_the_carriers_reason(rig: CallsRig) -> None:
    """The worker asks the carrier, and has no page; its rows tell."""
    page = Sampled(rig)
    rig.telephony.fail_next(UpstreamFailed("caller_id_not_allowed", "no", provider="twilio", retryable=False))
    await rig.ask()
    await rig.jobs.run_due()
    await rig.dialled_without_answer()

    await page.sample()
    await page.sample()

    assert page.value("dial_errors_total", code="caller_id_not_allowed") == 1
    assert page.value("dial_errors_total", code=OUTCOME_UNKNOWN) == 1
    assert page.ended("failed", "carrier_failed") == 1


async def test_what_ended_before_this_process_is_another_ones(rig: CallsRig) -> None:
    _, dial = await rig.dialled()
    await rig.says(dial, CallStatus.BUSY)
    rig.now += dt.timedelta(seconds=1)
    page = Sampled(rig, since=rig.now)

    await page.sample()

    assert page.ended("busy", "busy") == 0


async def test_nothing_is_counted_again_as_time_goes_by(rig: CallsRig) -> None:
    page = Sampled(rig)
    _, dial = await rig.dialled()
    await rig.says(dial, CallStatus.BUSY)
    for _ in range(4):
        await page.sample()
        rig.now += LOOKS_BACK / 2

    assert page.ended("busy", "busy") == 1


async def test_a_length_that_is_learnt_late_is_added(rig: CallsRig) -> None:
    """The process that held the call died; the carrier tells how long it was."""
    page = Sampled(rig)
    call, dial = await rig.answered()
    rig.now += dt.timedelta(seconds=60)
    await rig.says(dial, CallStatus.COMPLETED, duration_s=60)
    await rig.pass_s(60)
    await page.sample()

    ended = await rig.call(call.id)
    assert ended.ended_at is not None
    assert page.value("call_seconds_total", direction="outbound") == 60
