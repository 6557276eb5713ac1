"""What is noted when an inbound call has ended."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.inbound import InboundRig, open_inbound, report
from voice_engine.domains.inbound.repository import calls
from voice_engine.ports.call import Disposition, Status, TakenMessage, TaskOutcome
from voice_engine.store.engine import Store

BOOKED = "Booked: cleaning on Friday at 10."


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """One account with one number."""
    opened = await open_inbound(store, tmp_path)
    await opened.add_number()
    return opened


@pytest.mark.parametrize(
    ("outcome", "intent", "items"),
    [
        (
            {"message": TakenMessage(name="John", phone="+12125550199", text="Call me.")},
            "leave_message",
            ["Call John Smith back at +12125550199."],
        ),
        (
            {"task_outcome": TaskOutcome.ACHIEVED, "agreed": {"date": "2026-02-20"}, "highlights": (BOOKED,)}
            | {"next_steps": ()},
            "booking",
            [BOOKED],
        ),
        (
            {"task_outcome": TaskOutcome.DECLINED, "highlights": ("No room.",), "next_steps": ()},
            "booking",
            [],
        ),
        ({"citations": ("parking",), "highlights": ("Told.",), "next_steps": ()}, "question", []),
        (
            {"status": Status.REJECTED, "disposition": Disposition.REJECTED, "highlights": (), "next_steps": ()},
            "sales",
            [],
        ),
        ({"disposition": Disposition.WRONG_NUMBER, "highlights": (), "next_steps": ()}, "wrong_number", []),
        (
            {"disposition": Disposition.TRANSFERRED, "transferred_to": "doctor", "next_steps": ()},
            "speak_to_someone",
            [],
        ),
        ({"highlights": (), "next_steps": ()}, None, []),
    ],
)
async def test_an_end_leaves_its_purpose_and_what_is_to_be_done(
    rig: InboundRig, outcome: dict[str, Any], intent: str | None, items: list[str]
) -> None:
    """Read from the engine's outcome, once, in its order."""
    record = await rig.talk(**outcome)

    async with rig.store.read(rig.account.organization_id) as work:
        kept = await calls.list_action_items(work, record.call.id)
    assert record.inbound.intent == intent
    assert [item.description for item in kept] == items
    assert [item.position for item in kept] == list(range(len(items)))
    assert record.call.summary == (" ".join(outcome.get("highlights", record.call.highlights)) or None)


async def test_a_call_costs_what_a_call_costs(rig: InboundRig) -> None:
    """The base and each started minute; the rest of the hold is free again."""
    record = await rig.talk(seconds=61.0, credits="1.2")

    assert str(record.call.credits_used) == "1.20"
    assert await rig.calls.balance() == ("1.20", "0.00")


async def test_an_end_is_followed_once(rig: InboundRig) -> None:
    """A report that comes twice doubles nothing."""
    record = await rig.talk()

    assert not await rig.calls.lifecycle.finish(record.call.id, report(record.call.id), None)

    async with rig.store.read(rig.account.organization_id) as work:
        assert len(await calls.list_action_items(work, record.call.id)) == 1
