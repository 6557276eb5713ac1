"""The domain put together over the real adapter: `twilio`'s own client, against the built-in carrier."""

from pathlib import Path

import pytest

from tests.carrier.rest.rig import open_rig
from tests.domains.numbers.rig import MOBILE, settings
from tests.fakes.accounts import NOW, add_account
from tests.fakes.jobs import InlineJobs
from voice_engine.domains.numbers.assembly import build_number_jobs, build_numbers
from voice_engine.domains.numbers.purchases import Order
from voice_engine.domains.numbers.stock import Wish
from voice_engine.domains.usage.accounts import Accounts
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.errors import Conflict
from voice_engine.store.engine import Store


async def test_numbers_live_on_the_built_in_carrier(store: Store, tmp_path: Path) -> None:
    """Searched in two countries, bought over a lost answer, proven by its code, given back."""
    ada = await add_account(store)
    usage = UsageService(Accounts(UsageSettings(default_plan=PlanType.PRO), lambda: NOW))
    async with open_rig(tmp_path) as carrier:
        numbers = build_numbers(store, carrier.telephony, usage, settings(), now=lambda: NOW)
        jobs = InlineJobs(store, build_number_jobs(numbers, carrier.telephony), now=lambda: NOW)

        london = await numbers.stock.search(Wish(country="GB", area_code="12"), limit=3)
        carrier.carrier.faults.create.append("error_after")
        order = Order(wish=Wish(country="US", area_code="415"))
        american = (await numbers.purchases.provision(ada.organization_id, order)).number
        certain = Order(wish=Wish(country="GB"), e164=london[0].e164)
        british = (await numbers.purchases.provision(ada.organization_id, certain)).number
        with pytest.raises(Conflict):
            await numbers.purchases.provision(ada.organization_id, certain)

        at_carrier = {number.e164: number for number in carrier.carrier.numbers.all()}
        assert {american.e164, british.e164} <= set(at_carrier)
        assert at_carrier[american.e164].voice_url == settings().voice_url
        assert at_carrier[american.e164].status_callback == settings().status_url
        assert (american.area_code, british.country) == ("415", "GB")

        await numbers.proofs.start(ada.organization_id, ada.user_id, MOBILE, "sms")
        text = next(one.text for one in reversed(carrier.carrier.verifications.messages) if one.to == MOBILE)
        code = "".join(char for char in text if char.isdigit())
        assert (await numbers.proofs.check(ada.organization_id, ada.user_id, MOBILE, code)).is_verified

        async with store.begin(ada.organization_id) as work:
            await numbers.service.release(work, american.id, actor=ada.user_id)
        await jobs.run_due()
        assert american.e164 not in {number.e164 for number in carrier.carrier.numbers.all()}
