"""What happens in calls, as receivers are told it."""

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.fakes.calls import CALLEE, CALLER_ID, CallsRig, open_calls, report
from tests.fakes.hooks import HookRig
from voice_engine.domains.hooks import words
from voice_engine.domains.hooks.models import HookDelivery
from voice_engine.domains.hooks.telling import follow_calls
from voice_engine.domains.privacy.repository import empty_calls
from voice_engine.ports.call import TakenMessage, TaskOutcome
from voice_engine.ports.telephony import CallStatus
from voice_engine.providers.guarded import Guard
from voice_engine.store.engine import Store


async def anywhere(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


async def listened(store: Store, tmp_path: Path) -> tuple[CallsRig, HookRig, str]:
    """An account whose calls are told to one endpoint of every event; nothing is delivered."""
    calls, hooks = await open_calls(store, tmp_path), HookRig(store, guard=Guard(resolve=anywhere))
    follow_calls(calls.domain.endings)
    made = await hooks.endpoint(calls.account.organization_id, "https://hooks.example.com")
    return calls, hooks, made.endpoint.id


async def told(store: Store) -> list[dict[str, Any]]:
    """Every message, in the order of writing."""
    async with store.system("tests", writes=False) as work:
        rows = await work.session.scalars(sa.select(HookDelivery).order_by(HookDelivery.created_at))
        return [{"call_id": row.call_id, **json.loads(row.body)} for row in rows]


async def test_a_call_is_told_from_its_answer_to_what_it_came_to(store: Store, tmp_path: Path) -> None:
    calls, _, _ = await listened(store, tmp_path)
    call, _ = await calls.answered()
    await calls.lifecycle.finish(call.id, report(call.id), None)

    messages = await told(store)
    by_type = {one["type"]: one["data"] for one in messages}
    assert {words.STARTED, words.ENDED, words.REPORTED, words.BOOKED} == set(by_type)
    assert {one["call_id"] for one in messages} == {call.id}
    assert by_type[words.STARTED]["call"] | {"created_at": 0, "answered_at": 0} == {
        "id": call.id,
        "direction": "outbound",
        "from": CALLER_ID,
        "to": CALLEE,
        "language": "en",
        "assistant_id": None,
        "created_at": 0,
        "answered_at": 0,
    }
    assert by_type[words.ENDED]["duration_seconds"] == 95.2
    assert by_type[words.REPORTED]["highlights"] == ["Reserved a table for 4 at 8pm on Feb 14."]
    assert by_type[words.BOOKED]["agreed"] == {"date": "2026-02-14", "time": "20:00"}
    assert by_type[words.BOOKED]["ics"].startswith("BEGIN:VCALENDAR")


async def test_a_message_that_was_taken_is_told_word_for_word(store: Store, tmp_path: Path) -> None:
    calls, _, _ = await listened(store, tmp_path)
    call, _ = await calls.answered()
    said = report(
        call.id,
        task_outcome=TaskOutcome.UNCLEAR,
        agreed=None,
        message=TakenMessage(name="Eva", phone="+14155550123", text="Call me back"),
    )
    await calls.lifecycle.finish(call.id, said, None)

    (message,) = [one["data"] for one in await told(store) if one["type"] == words.MESSAGE]
    assert message["message"] == {"name": "Eva", "phone": "+14155550123", "text": "Call me back"}
    assert words.BOOKED not in [one["type"] for one in await told(store)]


async def test_a_call_that_nobody_answered_has_an_end_and_no_report(store: Store, tmp_path: Path) -> None:
    calls, _, _ = await listened(store, tmp_path)
    _, attempt = await calls.dialled()
    await calls.says(attempt, CallStatus.NO_ANSWER)

    (ended,) = await told(store)
    assert (ended["type"], ended["data"]["status"]) == (words.ENDED, "no_answer")


async def test_a_report_that_is_told_twice_is_sent_once(store: Store, tmp_path: Path) -> None:
    calls, _, _ = await listened(store, tmp_path)
    call, _ = await calls.answered()
    for _ in range(2):
        await calls.lifecycle.finish(call.id, report(call.id), None)

    types = [one["type"] for one in await told(store)]
    assert len(types) == len(set(types))


async def test_an_endpoint_that_is_off_is_owed_nothing(store: Store, tmp_path: Path) -> None:
    calls, hooks, endpoint_id = await listened(store, tmp_path)
    async with store.begin(calls.account.organization_id) as work:
        await hooks.service.set_enabled(work, endpoint_id, enabled=False, actor="tests")
    call, _ = await calls.answered()
    await calls.lifecycle.finish(call.id, report(call.id), None)

    assert not await told(store)


async def test_what_was_said_in_an_erased_call_is_not_sent_any_more(store: Store, tmp_path: Path) -> None:
    """Also while it is still being tried."""
    calls, hooks, _ = await listened(store, tmp_path)
    call, _ = await calls.answered()
    await calls.lifecycle.finish(call.id, report(call.id), None)
    async with store.begin(calls.account.organization_id) as work:
        await empty_calls(work, [call.id], now=calls.now)

    assert not await told(store)
    assert [ran.error for ran in await hooks.jobs.run_due()] == [None] * 4
