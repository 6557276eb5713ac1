"""Which rule would take a call: what live calls meet, and nothing of it is kept."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.answering import open_business_line
from tests.fakes.inbound import CALLER, OURS, TARGET, InboundRig, open_inbound
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.inbound.decisions import Announce, Converse, Decision, Forward, LeaveMessage, Reject
from voice_engine.domains.inbound.rehearsing import Rehearsal
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.models import METADATA
from voice_engine.domains.numbers.repository import find_by_e164
from voice_engine.errors import InvalidInput, NotAllowed, NotFound
from voice_engine.store.engine import Store

NIGHT = dt.datetime(2026, 2, 14, 4, 0, tzinfo=dt.UTC)
"""Friday, eleven at night in New York."""
NIGHTS = {"time_range": {"start": "22:00", "end": "06:00"}}


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """One account with one number."""
    opened = await open_inbound(store, tmp_path)
    await opened.add_number()
    return opened


async def rehearse(rig: InboundRig, caller: str | None = CALLER, *, at: dt.datetime | None = None) -> Rehearsal:
    """An imagined call to the rig's number."""
    async with rig.store.read(rig.account.organization_id) as work:
        number = await find_by_e164(work, OURS)
    assert number is not None
    return await rig.domain.rehearsals.rehearse(
        rig.account.organization_id, caller=caller, number_id=number.id, at=at or rig.calls.now
    )


async def everything(store: Store) -> list[tuple[str, Any]]:
    """Every row of every table."""
    async with store.system("tests", writes=False) as work:
        return [
            (table.name, tuple(row))
            for table in METADATA.sorted_tables
            for row in await work.session.execute(sa.select(table).order_by(*table.primary_key))
        ]


def without_ids(decision: Decision) -> Any:
    """A decision without what is each call's own."""
    return decision.spec.assistant if isinstance(decision, Converse) else decision


async def test_rules_above_say_why_they_do_not_take_it(rig: InboundRig) -> None:
    """The order of the list, the first that holds takes it, nobody below is asked."""
    await rig.add_rule("vips", priority=9, conditions={"caller_vip": True, "days_of_week": [1]})
    await rig.add_rule("off", priority=8, is_active=False)
    await rig.add_rule("nights", "voicemail", priority=7, conditions=NIGHTS)
    await rig.add_rule("rest", priority=1)

    by_night, by_day = await rehearse(rig, at=NIGHT), await rehearse(rig)

    assert [(one.name, one.say) for one in by_night.verdicts] == [
        ("vips", "passes"),
        ("off", "off"),
        ("nights", "takes"),
        ("rest", "not_asked"),
    ]
    assert by_night.verdicts[0].unmet == ("caller_vip", "days_of_week")
    assert isinstance(by_night.decision, LeaveMessage)
    assert (by_day.taken_by and by_day.taken_by.name, by_day.verdicts[2].unmet) == ("rest", ("time_range",))


@pytest.mark.parametrize(
    ("action", "config"),
    [
        ("ai_answer", {"greeting": "Hello from a rule, this is an AI assistant."}),
        ("ai_answer", {"language": "es"}),
        ("transfer", {"target": TARGET, "ring_seconds": 12}),
        ("voicemail", {"greeting": "Speak after the tone."}),
        ("reject", {"reason": "busy"}),
    ],
)
async def test_the_next_live_call_meets_the_same(rig: InboundRig, action: str, config: dict[str, Any]) -> None:
    """Decision by decision; if the tester had a code of its own, this is where they would differ."""
    await rig.add_contact(is_vip=True)
    await rig.add_rule(action=action, action_config=config, conditions={"caller_vip": True})

    imagined = await rehearse(rig)

    assert without_ids(imagined.decision) == without_ids(await rig.ring())
    assert (imagined.rule_action, imagined.action) == (action, action)
    assert (imagined.contact_name, imagined.is_vip) == ("John Smith", True)


async def test_nothing_is_kept(rig: InboundRig) -> None:
    """No call, no count at the rule, no hold, no event, no job: every row of every table is as it was."""
    await rig.add_rule(conditions={"min_recent_calls": 0})
    await rig.ring()
    before = await everything(rig.store)

    await rehearse(rig)
    await rehearse(rig, None)

    assert await everything(rig.store) == before


async def test_what_a_rule_wants_and_what_can_be_done_are_told_apart(rig: InboundRig) -> None:
    """The target calls itself: nobody rings it, the receptionist talks."""
    await rig.add_rule(action="transfer", action_config={"target": TARGET})

    imagined = await rehearse(rig, TARGET)

    assert (imagined.rule_action, imagined.action) == ("transfer", "ai_answer")
    assert isinstance(imagined.decision, Converse)


async def test_without_rules_the_receptionist_or_the_forwarding_takes_it(store: Store, tmp_path: Path) -> None:
    rig = await open_inbound(store, tmp_path)
    await rig.add_number(forwarding_number=TARGET)

    imagined = await rehearse(rig)

    assert (imagined.taken_by, imagined.forwards) == (None, True)
    assert isinstance(imagined.decision, Forward)


async def test_a_withheld_number_and_one_that_is_none(rig: InboundRig) -> None:
    await rig.add_rule("hidden", "reject", conditions={"caller_anonymous": True})

    withheld = await rehearse(rig, None)

    assert (withheld.caller, withheld.decision) == (None, Reject())
    with pytest.raises(InvalidInput, match="telephone number"):
        await rehearse(rig, "banana")


async def test_another_organizations_number_cannot_be_asked_about(store: Store, tmp_path: Path) -> None:
    rig = await open_inbound(store, tmp_path)
    theirs = await open_inbound(store, tmp_path / "theirs")
    number = await theirs.add_number()

    with pytest.raises(NotFound, match="no such number"):
        await rig.domain.rehearsals.rehearse(
            rig.account.organization_id, caller=None, number_id=number.id, at=rig.calls.now
        )


@pytest.mark.parametrize(
    ("action", "config", "kind"),
    [
        ("reject", {}, Reject),
        ("voicemail", {}, LeaveMessage),
        ("transfer", {"target": TARGET}, Forward),
        ("ai_answer", {"greeting": "Bright Smile at night, an AI speaking."}, Converse),
    ],
)
async def test_a_businesss_rules_come_before_its_assistant(
    store: Store, tmp_path: Path, action: str, config: dict[str, Any], kind: type[Decision]
) -> None:
    """Of the imagined call and of the live one."""
    rig = await open_business_line(store, tmp_path)
    await rig.add_rule(action=action, action_config=config, conditions=NIGHTS)

    night, day = await rehearse(rig, at=NIGHT), await rehearse(rig)
    rig.calls.now = NIGHT

    assert isinstance(night.decision, kind)
    assert isinstance(await rig.ring(), kind)
    assert isinstance(day.decision, Converse)


async def test_a_message_is_left_for_the_business_in_its_assistants_language(store: Store, tmp_path: Path) -> None:
    """Not for whoever happened to buy the number, nor in the language of the office's own pages."""
    rig = await open_business_line(store, tmp_path)
    async with store.begin(rig.account.organization_id) as work:
        await work.session.execute(sa.update(Assistant).values(language="es"))
    await rig.add_rule(action="voicemail")

    decision = (await rehearse(rig)).decision

    assert isinstance(decision, LeaveMessage)
    assert decision.greeting.startswith("Ha llamado a Bright Smile Dental.")


async def test_a_plan_without_transfers_has_none_by_rules_either(store: Store, tmp_path: Path) -> None:
    """Neither a new rule, nor one that is left from a larger plan."""
    rig = await open_business_line(store, tmp_path, Tier.STARTER)

    with pytest.raises(NotAllowed) as refused:
        await rig.add_rule(action="transfer", action_config={"target": TARGET})

    assert refused.value.code == "plan_upgrade_required"
    assert refused.value.details["requiredPlan"] == Tier.ADVANCED


async def test_a_business_without_an_assistant_has_its_callers_told(store: Store, tmp_path: Path) -> None:
    rig = await open_business_line(store, tmp_path, assistant=False)

    assert isinstance((await rehearse(rig)).decision, Announce)
