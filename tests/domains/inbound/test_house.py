"""How a receptionist answers is one row, replaced as a whole, an organization's own."""

import datetime as dt

import sqlalchemy as sa

from tests.fakes.accounts import NOW, add_account
from voice_engine.domains.inbound.house import set_reception
from voice_engine.domains.inbound.models import ReceptionSettings
from voice_engine.ports.call import Assistant, Business, KnowledgeEntry, OpeningHours
from voice_engine.store.engine import Store

SALON = Assistant(
    name="Robin",
    business=Business(name="Shear Joy", type="salon", timezone="America/New_York", services=("haircut",)),
    hours={"monday": OpeningHours(open=dt.time(9), close=dt.time(17, 30))},
    knowledge=(KnowledgeEntry(key="parking", text="Behind the house."),),
    transfer_targets={"Maria": "+15550100199"},
)


async def test_a_second_setting_replaces_the_first_and_touches_nobody_else(store: Store) -> None:
    """Nothing of the old one stays: no stale hour, no stale fact."""
    ada, bob = await add_account(store, "Ada"), await add_account(store, "Bob")
    bare = Assistant(name="Kim", business=Business(name="Oak Legal"))
    async with store.begin(bob.organization_id) as work:
        await set_reception(work, SALON, "en", now=NOW)

    for assistant in (SALON, bare):
        async with store.begin(ada.organization_id) as work:
            await set_reception(work, assistant, "es", now=NOW)

    async with store.read(ada.organization_id) as work:
        row = (await work.session.scalars(sa.select(ReceptionSettings))).one()
    assert (row.business_name, row.language, row.services, row.knowledge, row.hours) == (
        "Oak Legal",
        "es",
        [],
        [],
        {},
    )
    async with store.read(bob.organization_id) as work:
        kept = (await work.session.scalars(sa.select(ReceptionSettings))).one()
    assert kept.hours == {"monday": {"open": "09:00", "close": "17:30"}}
    assert kept.transfer_targets == {"Maria": "+15550100199"}
