"""Callers of a business whose minutes are used up are told, in its language, and nothing is written of it."""

from pathlib import Path

import pytest

from tests.domains.minutes.rig import MinutesRig
from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.inbound import new_sid
from voice_engine.domains.calls.states import CallState
from voice_engine.domains.inbound.decisions import Announce, Converse
from voice_engine.domains.inbound.reception import OUT_OF_MINUTES
from voice_engine.domains.minutes.plans import Tier
from voice_engine.ports.call import Language
from voice_engine.store.engine import Store


async def open_line(store: Store, root: Path, tier: Tier) -> tuple[BusinessRig, MinutesRig]:
    line = await open_business_line(store, root, tier)
    minutes = MinutesRig(store, line.business.organization_id, now=line.calls.now)
    return line, minutes


@pytest.mark.parametrize("language", ["en", "es"])
async def test_who_calls_without_minutes_left_is_told(store: Store, tmp_path: Path, language: Language) -> None:
    line, minutes = await open_line(store, tmp_path, Tier.FREE)
    await minutes.talk(seconds=600)
    async with store.begin(line.business.organization_id) as work:
        (await line.assistants.primary(work)).language = language
    sid = new_sid()

    decision = await line.ring(sid=sid)

    assert decision == Announce(text=OUT_OF_MINUTES[language], language=language)
    assert await line.ring(sid=sid) == decision
    assert (await line.record(sid)).call.status == CallState.MISSED
    assert ((await minutes.cycle()).used, (await minutes.cycle()).reserved) == (600, 0)
    assert len(await minutes.lines()) == 1


async def test_the_next_cycle_answers_again(store: Store, tmp_path: Path) -> None:
    line, minutes = await open_line(store, tmp_path, Tier.FREE)
    await minutes.talk(seconds=600)
    assert isinstance(await line.ring(), Announce)

    line.calls.now = (await minutes.cycle()).ends_at

    assert isinstance(await line.ring(), Converse)


async def test_a_caller_is_heard_for_what_is_left(store: Store, tmp_path: Path) -> None:
    """The engine ends the call politely then; with overage it goes on."""
    line, minutes = await open_line(store, tmp_path, Tier.STARTER)
    await minutes.talk(seconds=5_955)
    sid = new_sid()
    decision = await line.ring(sid=sid)
    assert isinstance(decision, Converse)
    assert decision.spec.limits.max_seconds == 45
    await minutes.release((await line.record(sid)).call.id)

    await minutes.set_overage(True)

    more = await line.ring()
    assert isinstance(more, Converse)
    assert more.spec.limits.max_seconds == 900


async def test_a_conversation_is_counted(store: Store, tmp_path: Path) -> None:
    line, minutes = await open_line(store, tmp_path, Tier.PRO)

    record = await line.talk()

    (counted,) = await minutes.lines()
    assert (counted.source_id, counted.seconds) == (record.call.id, 42)
