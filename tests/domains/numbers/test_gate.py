"""The number gate, for those who pay in minutes."""

import sqlalchemy as sa

from tests.domains.numbers.rig import MOBILE, open_numbers
from tests.fakes.accounts import Account
from tests.fakes.business import add_business
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.usage.models import BillingAccount, Product
from voice_engine.store.engine import Store


async def test_a_business_proves_a_phone_without_an_account_of_credits(store: Store) -> None:
    """It has none to look at, and looking must not open one: its plan would be another from then on."""
    rig, business = await open_numbers(store), await add_business(store, Tier.FREE)
    who = Account(user_id=business.user_id, organization_id=business.organization_id)
    async with store.system("tests") as work:
        await work.session.execute(sa.delete(BillingAccount))

    proven = await rig.prove(MOBILE, who=who)

    async with store.system("tests", writes=False) as work:
        opened = (await work.session.scalars(sa.select(BillingAccount))).all()
    assert proven.is_verified
    assert [account for account in opened if account.product == Product.KALLY] == []
