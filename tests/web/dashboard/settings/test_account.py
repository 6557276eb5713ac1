"""Name and time zone."""

from tests.fakes.accounts import add_account
from tests.web.dashboard.settings.conftest import Rig
from voice_engine.domains.accounts import service as accounts


async def test_a_name_is_kept_and_an_empty_one_is_not(rig: Rig) -> None:
    async with rig.tab() as tab:
        kept = await tab.post("/app/settings/name", {"name": " Jane  Doe "})
        refused = await tab.post("/app/settings/name", {"name": "  "})
        page = await tab.get("/app/settings?done=name")

    assert kept.headers["hx-redirect"] == "/app/settings?done=name"
    assert 'data-code="name_invalid"' in refused.text
    assert 'value="Jane Doe"' in page
    assert "The name is kept." in page


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
