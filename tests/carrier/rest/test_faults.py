"""Ordered faults happen, once or until taken back, and nothing else is disturbed."""

from pathlib import Path

import pytest

from tests.carrier.rest.rig import BASE, OURS, THEIRS, open_rig
from voice_engine.carrier.rest.faults import RestFaults
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.telephony import OUTCOME_UNKNOWN, DialOrder

ORDER = DialOrder(to=THEIRS, from_number=OURS, answer_url=f"{BASE}/voice", status_url=f"{BASE}/status")
HANG_UP = "<Response><Pause/><Hangup/></Response>"


def told(tmp_path: Path, **faults: object) -> list[str]:
    """CallStatus of the status callbacks of one answered call under these faults, as they arrived."""

    async def main() -> list[str]:
        async with open_rig(tmp_path) as rig:
            rig.customer.documents["/voice"] = HANG_UP
            rig.carrier.faults.order(faults)
            placed = await rig.telephony.place_call(ORDER)
            await rig.ended(placed.call_sid)
            assert all(post.signed for post in rig.customer.posted)
            return [post.form["CallStatus"] for post in rig.customer.at("/status")]

    return run_virtual(main())


def test_dropped_callbacks_never_arrive(tmp_path: Path) -> None:
    assert told(tmp_path, drop=["answered", "completed"]) == ["initiated", "ringing"]


def test_delayed_callbacks_are_overtaken(tmp_path: Path) -> None:
    assert told(tmp_path, delay_ms={"ringing": 5000}) == ["initiated", "in-progress", "completed", "ringing"]


def test_repeated_callbacks_arrive_again_with_the_same_number(tmp_path: Path) -> None:
    assert told(tmp_path, repeat={"completed": 2}) == ["initiated", "ringing", "in-progress"] + 3 * ["completed"]


@pytest.mark.parametrize(("fault", "calls"), [("error_before", 0), ("error_after", 1), ("silence_after", 1)])
def test_a_lost_answer_to_a_dial_is_an_unknown_outcome(fault: str, calls: int, tmp_path: Path) -> None:
    """Whether the call was placed cannot be told from the answer; it is not repeated by itself."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.carrier.faults.order({"create": [fault]})
            with pytest.raises(UpstreamFailed) as caught:
                await rig.telephony.place_call(ORDER)

            assert (caught.value.code, caught.value.retryable) == (OUTCOME_UNKNOWN, False)
            assert len(rig.carrier.exchange.book.all()) == calls
            assert (await rig.telephony.place_call(ORDER)).status == "queued"

    run_virtual(main())


@pytest.mark.parametrize(
    "wanted",
    [
        {"create": ["explode"]},
        {"drop": "completed"},
        {"drop": ["hangup"]},
        {"delay_ms": {"completed": -1}},
        {"delay_ms": {"nothing": 5}},
        {"repeat": {"completed": True}},
        {"typo": []},
    ],
)
def test_unknown_faults_are_refused_and_change_nothing(wanted: dict[str, object]) -> None:
    faults = RestFaults(drop={"completed"})

    with pytest.raises(InvalidInput) as caught:
        faults.order(wanted)

    assert caught.value.code == "bad_faults"
    assert faults.drop == {"completed"}


def test_faults_are_ordered_over_http(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            account = (rig.carrier.settings.account_sid, rig.carrier.settings.auth_token)
            good = await rig.http.put("/carrier/faults", json={"create": ["error_after"]}, auth=account)
            bad = await rig.http.put("/carrier/faults", json={"create": ["x"]}, auth=account)

            assert (good.status_code, bad.status_code) == (204, 400)
            assert rig.carrier.faults.create == ["error_after"]

    run_virtual(main())
