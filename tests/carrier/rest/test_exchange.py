"""Calls of the REST half: placed, rung, answered, told of, steered, ended."""

from pathlib import Path

from tests.carrier.lines import SilentLine
from tests.carrier.rest.rig import BASE, OURS, STREAM, THEIRS, open_rig
from voice_engine.carrier.record import Answer
from voice_engine.clock import run_virtual
from voice_engine.ports.telephony import DialOrder

ORDER = DialOrder(
    to=THEIRS,
    from_number=OURS,
    answer_url=f"{BASE}/voice?call=c1&attempt=a1",
    status_url=f"{BASE}/status?call=c1&attempt=a1",
    ring_timeout_s=30,
)


def test_an_answered_call_is_told_of_from_first_to_last(tmp_path: Path) -> None:
    """The four events in order, numbered, signed, with the words of Twilio's page."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, lambda: SilentLine(hang_up_after_ms=3000), Answer(after_ms=2000))
            rig.customer.documents["/voice"] = STREAM
            placed = await rig.telephony.place_call(ORDER)
            call = rig.carrier.exchange.book.find(placed.call_sid)
            assert call is not None
            await rig.carrier.wait(call)
            await rig.carrier.wind_down()

            told = rig.customer.at("/status")
            assert [post.form["CallStatus"] for post in told] == [
                "initiated",
                "ringing",
                "in-progress",
                "completed",
            ]
            assert [post.form["SequenceNumber"] for post in told] == ["0", "1", "2", "3"]
            assert [round(post.at_ms, -2) for post in told] == [0, 0, 2000, 5000]
            last = told[-1].form
            assert (last["CallDuration"], last["SipResponseCode"], last["Duration"]) == ("3", "200", "1")
            assert all(post.signed for post in rig.customer.posted)
            assert rig.customer.at("/voice")[0].form["CallSid"] == placed.call_sid
            assert rig.customer.at("/voice")[0].query == {"call": "c1", "attempt": "a1"}
            assert rig.engine.of("start")[0]["start"]["callSid"] == placed.call_sid

    run_virtual(main())
