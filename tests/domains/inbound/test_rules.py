"""Routing rules put in order by hand."""

from pathlib import Path

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.inbound import InboundRig, open_inbound
from voice_engine.domains.inbound.rules import MOST_PRIORITY
from voice_engine.errors import Conflict, NotFound
from voice_engine.store.engine import Store


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """One account."""
    return await open_inbound(store, tmp_path)


async def reorder(rig: InboundRig, rule_ids: list[str]) -> list[str]:
    """The names of the rules, put in this order."""
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.domain.rules.reorder(work, rule_ids)
    async with rig.store.read(rig.account.organization_id) as work:
        return [rule.name for rule in await rig.domain.rules.list_all(work)]


async def test_rules_are_asked_in_the_order_that_they_are_put_in(rig: InboundRig) -> None:
    """Whatever their priorities were, equal ones included; priorities stay within the wire's bounds."""
    made = [await rig.add_rule(name, priority=priority) for name, priority in (("a", 0), ("b", 0), ("c", 1000))]
    a, b, c = (rule.id for rule in made)

    assert await reorder(rig, [b, c, a]) == ["b", "c", "a"]
    assert await reorder(rig, [a, b, c]) == ["a", "b", "c"]

    async with rig.store.read(rig.account.organization_id) as work:
        priorities = [rule.priority for rule in await rig.domain.rules.list_all(work)]
    assert priorities == sorted(set(priorities), reverse=True)
    assert max(priorities) <= MOST_PRIORITY


async def test_an_order_of_other_rules_than_there_are_changes_nothing(rig: InboundRig) -> None:
    """One left out (made meanwhile in another window), one twice, one deleted, one of somebody else."""
    a, b = await rig.add_rule("a", priority=2), await rig.add_rule("b", priority=1)
    bob = await add_account(rig.store, "Bob")

    for wrong in ([a.id], [a.id, a.id], [b.id, a.id, bob.organization_id]):
        with pytest.raises(Conflict) as refused:
            await reorder(rig, wrong)
        assert refused.value.code == "rules_changed"

    assert await reorder(rig, [a.id, b.id]) == ["a", "b"]


async def test_another_organizations_rule_is_not_there(rig: InboundRig) -> None:
    rule, bob = await rig.add_rule(), await add_account(rig.store, "Bob")

    async with rig.store.read(bob.organization_id) as work:
        with pytest.raises(NotFound):
            await rig.domain.rules.get(work, rule.id)
        with pytest.raises(NotFound):
            await rig.domain.rules.get(work, "no id")
