"""Figures of the database on the metrics page."""

from pathlib import Path

from tests.fakes.accounts import NOW
from tests.fakes.calls import new_call, open_calls
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.telemetry.metrics import Metrics
from voice_engine.web.sampling import sample_once


async def test_waiting_calls_and_jobs_are_on_the_page(store: Store, tmp_path: Path) -> None:
    """One call now and one for tomorrow; their jobs, and one more."""
    metrics = Metrics()
    rig = await open_calls(store, tmp_path)
    await rig.ask()
    async with store.system("tests") as work:
        await enqueue(work, Job(kind="other"))

    await sample_once(store, metrics, now=NOW)

    page = metrics.render().decode()
    assert 'voice_engine_queue_depth{queue="calls_queued"} 1.0' in page
    assert 'voice_engine_queue_depth{queue="calls_scheduled"} 0.0' in page
    assert 'voice_engine_queue_depth{queue="outbox"} 2.0' in page
    assert "voice_engine_workers_alive 0.0" in page


async def test_a_figure_falls_again(store: Store, tmp_path: Path) -> None:
    """A queue that ran empty is 0, not what it last was."""
    metrics = Metrics()
    rig = await open_calls(store, tmp_path)
    await rig.ask(new_call())
    await sample_once(store, metrics, now=NOW)
    await rig.jobs.run_due()

    await sample_once(store, metrics, now=NOW)

    assert 'voice_engine_queue_depth{queue="calls_queued"} 0.0' in metrics.render().decode()
