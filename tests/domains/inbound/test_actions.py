"""Follow-ups of all calls in one list."""

from pathlib import Path

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.inbound import CALLER, TARGET, InboundRig, open_inbound
from voice_engine.domains.calls.models import TranscriptEntry
from voice_engine.domains.inbound.actions import TaskPage, Which, list_tasks, moment_of
from voice_engine.store.engine import Store


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """One account whose receptionist takes calls."""
    opened = await open_inbound(store, tmp_path)
    await opened.add_number()
    return opened


async def tasks(rig: InboundRig, which: Which = "open", *, limit: int = 20, offset: int = 0) -> TaskPage:
    async with rig.store.read(rig.account.organization_id) as work:
        return await list_tasks(work, which, limit=limit, offset=offset)


async def test_the_newest_calls_come_first_and_done_ones_apart(rig: InboundRig) -> None:
    first = await rig.talk(CALLER, next_steps=("Call John back.", "Send the price list."))
    await rig.calls.pass_s(60)
    await rig.talk(TARGET, next_steps=("Order paper.",))
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.domain.service.update_action_item(work, first.call.id, 1, "completed")

    opened, done, all_of_them = (
        await tasks(rig),
        await tasks(rig, "done"),
        await tasks(rig, "all", limit=1, offset=1),
    )

    assert [task.item.description for task in opened.tasks] == ["Order paper.", "Call John back."]
    assert [(task.item.description, task.is_open) for task in done.tasks] == [("Send the price list.", False)]
    assert (opened.total, opened.open, done.total, all_of_them.total) == (2, 2, 1, 3)
    assert [task.item.description for task in all_of_them.tasks] == ["Call John back."]


async def test_a_follow_up_leads_to_where_its_caller_spoke_of_it(rig: InboundRig) -> None:
    await rig.talk(next_steps=("Please call John Smith back about his message.", "Water the plants."))

    assert [task.moment_ms for task in (await tasks(rig)).tasks] == [2_500, None]


async def test_follow_ups_are_ones_own(rig: InboundRig) -> None:
    await rig.talk()
    bob = await add_account(rig.store, "Bob")

    async with rig.store.read(bob.organization_id) as work:
        assert (await list_tasks(work, "all", limit=20, offset=0)).total == 0


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Send the invoice for March to the accountant.", 4_000),
        ("Mandar la factura de marzo", None),
        ("", None),
    ],
)
def test_the_line_that_shares_most_is_the_moment(description: str, expected: int | None) -> None:
    """One shared word is chance; names and subjects come in twos."""
    lines = (
        "Hello, good morning.",
        "I need the invoice of March, please.",
        "The invoice for March goes to my accountant.",
    )
    said = [
        TranscriptEntry(speaker="HUMAN", text=text, start_ms=2_000 * place, end_ms=0)
        for place, text in enumerate(lines)
    ]

    assert moment_of(description, said) == expected
