"""Name, time zone and plan."""

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import add_account
from tests.fakes.business import add_business
from tests.web.dashboard.settings.conftest import Rig
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.minutes.plans import TIERS, Tier
from voice_engine.domains.usage.models import BillingAccount
from voice_engine.domains.usage.plans import PlanType


async def test_a_name_is_kept_and_an_empty_one_is_not(rig: Rig) -> None:
    async with rig.tab() as tab:
        kept = await tab.post("/app/settings/name", {"name": " Jane  Doe "})
        refused = await tab.post("/app/settings/name", {"name": "  "})
        page = await tab.get("/app/settings?done=name")

    assert kept.headers["hx-redirect"] == "/app/settings?done=name"
    assert 'data-code="name_invalid"' in refused.text
    assert 'value="Jane Doe"' in page
    assert "Saved." in page


async def test_a_persons_zone_is_theirs_to_change_and_a_businesss_stands_with_its_hours(rig: Rig) -> None:
    """Its prompt names the zone: a change that did not reach it would have the assistant say wrong times."""
    person = await add_account(rig.store)
    async with rig.tab(person) as tab:
        await tab.post("/app/settings/timezone", {"timezone": "Europe/Madrid"})
        bad = await tab.post("/app/settings/timezone", {"timezone": "Nowhere"})
    async with rig.tab() as tab:
        refused = await tab.post("/app/settings/timezone", {"timezone": "Europe/Madrid"})
        page = await tab.get("/app/settings")

    async with rig.store.read(person.organization_id) as work:
        assert (await accounts.get_organization(work, person.organization_id)).timezone == "Europe/Madrid"
    async with rig.store.read(rig.business.organization_id) as work:
        business = await accounts.get_organization(work, rig.business.organization_id)
    assert 'data-code="timezone_invalid"' in bad.text
    assert (refused.status_code, business.timezone) == (403, "America/New_York")
    assert "/app/reception/business" in page


@pytest.mark.parametrize("tier", Tier)
async def test_a_business_sees_its_plan_and_what_larger_ones_add(rig: Rig, tier: Tier) -> None:
    business = await add_business(rig.store, tier)
    async with rig.tab(business) as tab:
        page = await tab.get("/app/settings")
    card = page.split('id="plan"')[1].split("</section>")[0]

    assert f"<dd>{tier.capitalize()}</dd>" in card
    assert f"0 of {TIERS[tier].minutes:,} used" in card
    above = [each for each in Tier if TIERS[each].minutes > TIERS[tier].minutes]
    assert [each for each in Tier if f"<strong>{each.capitalize()}</strong>" in card] == above
    assert ("recordings" in card) is (Tier.PRO in above)
    assert "ask whoever runs this server" in card


async def test_a_person_sees_credits_and_larger_plans(rig: Rig) -> None:
    person = await add_account(rig.store)
    async with rig.tab(person) as tab:
        largest = await tab.get("/app/settings")
        async with rig.store.begin(person.organization_id) as work:
            await work.session.execute(sa.update(BillingAccount).values(plan=PlanType.TRIAL))
        english, spanish = await tab.get("/app/settings"), await tab.get("/app/settings?lang=es")

    assert "<dd>Business</dd>" in largest
    assert "Larger plans" not in largest
    assert "<dd>Trial</dd>" in english
    assert "<strong>Starter</strong>: 200 credits a month" in english
    assert "<dd>Prueba</dd>" in spanish
