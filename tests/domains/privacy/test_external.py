"""Calls that another engine held: what is erased stays erased, whatever that engine still sends."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.business import Business, add_business
from tests.fakes.hooks import HookRig
from tests.fakes.jobs import InlineAttempt
from tests.fakes.privacy import everything
from tests.fakes.vapi import CUSTOMER, VapiCall, VapiRig, add_assistant, tool_call, tool_calls
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.domains.calls.models import Call
from voice_engine.domains.hooks import words
from voice_engine.domains.hooks.telling import follow_calls
from voice_engine.domains.minutes.models import UsageEvent
from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.privacy.service import Privacy
from voice_engine.domains.webhooks.settings import REPORT_WAIT
from voice_engine.providers.guarded import Guard
from voice_engine.store.engine import Store

MINUTE = dt.timedelta(minutes=1)
SAID = ("open on Friday", "asked about Friday", "Pat Doe", CUSTOMER)


async def _anywhere(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


@pytest.fixture
async def business(store: Store) -> Business:
    made = await add_business(store)
    await add_assistant(store, made)
    return made


@pytest.fixture
def rig(store: Store, business: Business) -> VapiRig:
    return VapiRig(store)


async def _erase(rig: VapiRig, business: Business, tmp_path: Path) -> None:
    files = CallFiles(calls=tmp_path / "calls", journal=tmp_path / "journal")
    privacy = Privacy(rig.store, DirectoryBlobs(tmp_path / "blobs"), files, now=rig.clock)
    erased = await privacy.erase(business.organization_id, CUSTOMER, actor="test")
    assert (erased.calls, erased.open_calls) == (1, 0)


async def _close(rig: VapiRig, call: Call) -> None:
    rig.now += REPORT_WAIT
    handler = next(kind.handler for kind in rig.kinds if kind.name == "webhooks.close")
    attempt = InlineAttempt(job_id="1", number=1, most=1)
    await handler.run({"call_id": call.id, "awaits": "report"}, attempt)


async def _seconds(store: Store) -> list[int]:
    async with store.system("tests", writes=False) as work:
        return [line.seconds for line in await work.session.scalars(sa.select(UsageEvent))]


async def test_a_report_that_comes_after_the_erasure_brings_no_word_back(
    rig: VapiRig, business: Business, tmp_path: Path
) -> None:
    """Nor does any other message of the call, nor the end of the wait. What it lasted counts."""
    call = VapiCall()
    await rig.tell(call.status("in-progress"), call.said("user", "Are you open on Friday?", 3), call.over())
    rig.now = call.ended + 6 * MINUTE
    await _erase(rig, business, tmp_path)

    await rig.tell(call.report(), call.said("user", "Hello, are you open on Friday?", 4), call.conversation(5.2))
    message = {"name": "Pat Doe", "message": "Are you open on Friday?"}
    await rig.tell(tool_calls(call, [tool_call("t1", "take_message", message)]))
    await rig.tell(call.message("hang", 6), call.message("language-change-detected", 7, language="es"))
    await _close(rig, await rig.call())

    after = await everything(rig.store)
    assert [line for word in SAID for line in after.splitlines() if word in line] == []
    assert await _seconds(rig.store) == [330]


async def test_a_report_is_told_once_though_the_call_was_erased_since(
    rig: VapiRig, business: Business, tmp_path: Path
) -> None:
    """The wait for it ends an hour after the call: by then it has come, was told, and is forgotten."""
    hooks = HookRig(rig.store, guard=Guard(resolve=_anywhere))
    follow_calls(rig.calls.endings)
    told: list[Any] = []

    async def note(work: Any, call: Call, ending: Any) -> None:
        told.append(ending.reason)

    rig.calls.endings.follow(note)
    await hooks.endpoint(business.organization_id, "https://hooks.example.com", [words.REPORTED])
    call = VapiCall()
    await rig.tell(call.status("in-progress"), call.over(), call.report())
    rig.now = call.ended + 6 * MINUTE
    await _erase(rig, business, tmp_path)

    await _close(rig, await rig.call())

    assert len(told) == 1
    assert "hook_deliveries" not in await everything(rig.store)
    assert await _seconds(rig.store) == [330]


async def test_what_is_said_of_no_call_keeps_no_number(rig: VapiRig) -> None:
    """Nothing that a caller has erased would find it."""
    stray = VapiCall(id="stray")
    asked = VapiCall().message("assistant-request", call={"type": "inboundPhoneCall"})

    await rig.tell(stray.message("language-change-detected", 3, language="es"), asked)

    after = await everything(rig.store)
    assert "language-change-detected" in after
    assert CUSTOMER not in after
