"""What the carrier tells of streams: counted, and the end of a call whose stream never comes."""

import asyncio
from typing import Any

import pytest

from tests.fakes.call_rig import RECEPTIONIST
from tests.fakes.takeover_rig import Rig, rig
from tests.web.fakes import CALL_SID
from voice_engine.clock import run_virtual
from voice_engine.ports.call import Disposition
from voice_engine.web.streams import STREAM_ERROR

QUERY = {"call_id": RECEPTIONIST.call_id}
HERE, NEVER_CAME = "MZ" + CALL_SID[2:], "MZ" + "f" * 32


def form(event: str, stream_sid: str) -> dict[str, str]:
    reason = {"StreamError": "handshake failed"} if event == "stream-error" else {}
    return {"CallSid": CALL_SID, "StreamSid": stream_sid, "StreamEvent": event, **reason}


def errors(one: Rig) -> float:
    labels = {"provider": "carrier", "code": STREAM_ERROR}
    return one.metrics.registry.get_sample_value("voice_engine_provider_errors_total", labels) or 0.0


def after(event: str, stream_sid: str) -> tuple[bool, float, Any]:
    """Whether the call goes on, errors counted, and how the call ended."""

    async def main() -> tuple[bool, float, Any]:
        async with rig() as one:
            await one.engine.callback("stream", QUERY, form(event, stream_sid))
            await asyncio.sleep(1.0)
            goes_on, counted = one.engine.is_live(CALL_SID), errors(one)
            await one.caller.hang_up()
            report = await one.ended()
            return goes_on, counted, report.outcome.disposition

    return run_virtual(main())


def test_a_stream_that_never_came_ends_its_call_as_lost() -> None:
    """The other party would hear nothing."""
    assert after("stream-error", NEVER_CAME) == (False, 1.0, Disposition.CARRIER_FAILED)


def test_a_stream_that_was_here_gets_another_one() -> None:
    """Its socket closes, and the call waits for the next stream; a late error is no reason to end it."""
    goes_on, counted, disposition = after("stream-error", HERE)

    assert (goes_on, counted) == (True, 1.0)
    assert disposition is not Disposition.CARRIER_FAILED


@pytest.mark.parametrize("event", ["stream-started", "stream-stopped", "stream-imagined"])
def test_other_news_are_only_written_down(event: str) -> None:
    goes_on, counted, _ = after(event, NEVER_CAME)

    assert (goes_on, counted) == (True, 0.0)
