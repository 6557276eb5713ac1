"""A call is found, answered, noted and ended once, whoever tells it and in whatever order."""

from pathlib import Path

import pytest

from tests.fakes.calls import CallsRig, open_calls, report
from voice_engine.store.engine import Store


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> CallsRig:
    """One account."""
    return await open_calls(store, tmp_path)


async def test_a_call_goes_from_request_to_bill(rig: CallsRig) -> None:
    """The whole way, with the price of the contract's own sample."""
    call, attempt = await rig.answered()
    assert (await rig.free()) == ("0.00", "2.50")

    ended = await rig.lifecycle.finish(call.id, report(call.id), None)

    over = await rig.call(call.id)
    assert ended
    assert (over.status, over.ended_reason, over.task_outcome) == ("success", "completed", "achieved")
    assert (over.duration_ms, str(over.credits_used)) == (95_200, "1.20")
    assert (await rig.free()) == ("1.20", "0.00")
    assert (await rig.attempt(call.id)).state == "over"
    assert attempt.number == 1
