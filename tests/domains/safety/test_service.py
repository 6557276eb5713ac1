"""The lists hold for every organization and every way of writing a number."""

import pytest

from tests.fakes.accounts import NOW, add_account
from voice_engine.domains.safety import service
from voice_engine.domains.safety.numbers import Reach
from voice_engine.errors import NotAllowed
from voice_engine.store.engine import Store

REACH = Reach(own_region="US")
NUMBER = "+14155551234"


async def test_a_blocked_number_is_refused_however_it_is_written(store: Store) -> None:
    """The list has E.164; the request has brackets."""
    ada = await add_account(store)

    async with store.begin(ada.organization_id) as work:
        assert await service.block(work, NUMBER, reason="fraud", now=NOW)
        with pytest.raises(NotAllowed) as refused:
            await service.gate(work, "+1 (415) 555-1234", REACH)
        assert await service.unblock(work, NUMBER)
        allowed = await service.gate(work, NUMBER, REACH)

    assert refused.value.code == "blocked_number"
    assert allowed.e164 == NUMBER


async def test_a_wish_said_to_one_organization_holds_for_another(store: Store) -> None:
    """It is the same service that would ring again."""
    ada, bob = await add_account(store), await add_account(store, "Bob")

    async with store.begin(ada.organization_id) as work:
        assert await service.suppress(work, NUMBER, now=NOW, call_id="c1")
        assert not await service.suppress(work, NUMBER, now=NOW)
    async with store.begin(bob.organization_id) as work:
        with pytest.raises(NotAllowed) as refused:
            await service.gate(work, NUMBER, REACH)
        own = await service.gate(work, NUMBER, REACH, own_target=True)
        assert await service.allow_again(work, NUMBER)
        again = await service.gate(work, NUMBER, REACH)

    assert refused.value.code == "suppression_violation"
    assert own.e164 == again.e164 == NUMBER


async def test_the_operators_list_comes_before_the_wish(store: Store) -> None:
    """The order of the checks is part of the contract; an own target is not exempt from the operator's list."""
    ada = await add_account(store)

    async with store.begin(ada.organization_id) as work:
        await service.suppress(work, NUMBER, now=NOW)
        await service.block(work, NUMBER, reason="fraud", now=NOW)
        with pytest.raises(NotAllowed) as refused:
            await service.gate(work, NUMBER, REACH, own_target=True)

    assert refused.value.code == "blocked_number"
