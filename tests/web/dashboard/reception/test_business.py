"""Hours and business: saved as the API would, faults by their field, nothing of others overwritten, gates."""

from typing import Any

import pytest

from tests.fakes.accounts import NOW
from tests.web.dashboard.reception.rig import Desk
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.answering.composing import Occasion
from voice_engine.domains.answering.service import Answering
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.prompts.templates import WEEKDAYS
from voice_engine.web.dashboard.reception.business import read_week, shown_week

PAGE = "/app/reception/business"


def _hidden(page: str, form: str) -> str:
    return page.split(f'action="{PAGE}/{form}"')[1].split('name="seen" value="')[1].split('"', maxsplit=1)[0]


def _week(**spans: tuple[str, str] | None) -> dict[str, str]:
    """A form's week: days that are not named are closed."""
    values: dict[str, str] = {}
    for day in WEEKDAYS:
        span = spans.get(day)
        values |= {f"{day}.open": span[0], f"{day}.close": span[1]} if span else {f"{day}.closed": "on"}
    return values


async def test_hours_reach_the_next_call(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        page = await tab.get(PAGE)
        form = {
            **_week(monday=("08:30", "16:00"), friday=("18:00", "02:00"), sunday=("10:00", "00:00")),
            "timezone": "Europe/Madrid",
            "seen": _hidden(page, "hours"),
        }
        saved = await tab.post(f"{PAGE}/hours", form)

    assert saved.headers["hx-redirect"].endswith("?done=hours")
    async with desk.store.read(business.organization_id) as work:
        spec = await Answering(desk.service, desk.minutes).spec(
            work,
            await accounts.get_organization(work, business.organization_id),
            await desk.assistants.primary(work),
            occasion=Occasion(call_id="next", direction="inbound", at=NOW, other=None, max_seconds=360),
        )
    assert spec.assistant is not None and spec.prompt is not None
    assert set(spec.assistant.hours) == {"monday", "friday", "sunday"}
    assert f"{spec.assistant.hours['monday'].open:%H:%M}" == "08:30"
    assert spec.metadata["timezone"] == "Europe/Madrid"
    assert "- Friday: 18:00-02:00 (until the next day)" in spec.prompt


async def test_a_day_without_a_time_is_told_at_that_day(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        seen = _hidden(await tab.get(PAGE), "hours")
        form = {**_week(tuesday=("", "17:00")), "timezone": "Europe/Madrid", "seen": seen}
        refused = await tab.post(f"{PAGE}/hours", form)
        nowhere = await tab.post(
            f"{PAGE}/hours", {**_week(monday=("08:00", "09:00")), "timezone": "Mars/Base", "seen": seen}
        )

    assert (refused.status_code, 'id="hours-tuesday-fault"' in refused.text) == (422, True)
    assert (nowhere.status_code, 'id="hours-timezone-fault"' in nowhere.text) == (422, True)
    assert (await desk.organization(business)).business_hours is None


async def test_hours_over_somebody_else_s_are_not_saved_and_not_lost(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        seen = _hidden(await tab.get(PAGE), "hours")
        common = {"timezone": "America/New_York", "seen": seen}
        await tab.post(f"{PAGE}/hours", {**_week(monday=("07:00", "15:00")), **common})
        late = await tab.post(f"{PAGE}/hours", {**_week(monday=("10:00", "18:00")), **common})

    assert late.status_code == 409
    assert "Monday: 7:00" in late.text.replace("\u202f", " ")
    assert 'value="10:00"' in late.text
    hours = (await desk.organization(business)).business_hours
    assert hours is not None and hours["monday"]["open"] == "07:00"


@pytest.mark.parametrize("span", [("09:00", "17:00"), ("18:00", "02:00"), ("00:00", "24:00"), ("09:00", "24:00")])
def test_a_week_survives_being_shown_and_read(span: tuple[str, str]) -> None:
    week: dict[str, Any] = {day: {"closed": True} for day in WEEKDAYS}
    week["monday"] = {"open": span[0], "close": span[1]}

    assert read_week(shown_week(week)) == week


async def test_what_a_business_says_of_itself_is_saved(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        info = {"type": "Dental office", "description": "We fix teeth.", "site": "https://example.com"}
        await tab.post(f"{PAGE}/info", {**info, "seen": _hidden(await tab.get(PAGE), "info")})
        await tab.post(f"{PAGE}/address", {"address": "7 Elm Street\r\nSpringfield"})
        wrong = await tab.post(
            f"{PAGE}/info", {**info, "site": "example", "seen": _hidden(await tab.get(PAGE), "info")}
        )

    organization = await desk.organization(business)
    assert (organization.business_type, organization.website_url) == ("Dental office", "https://example.com")
    assert organization.business_address == "7 Elm Street, Springfield"
    assert (wrong.status_code, 'id="info-site-fault"' in wrong.text) == (422, True)


async def test_a_transfer_number_is_judged_while_it_is_typed_and_when_it_is_saved(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        good = await tab.post(f"{PAGE}/transfer/check", {"number": "(415) 555-0134"})
        bad = await tab.post(f"{PAGE}/transfer/check", {"number": "911"})
        nothing = await tab.post(f"{PAGE}/transfer/check", {"number": ""})
        refused = await tab.post(f"{PAGE}/transfer", {"number": "911"})
        saved = await tab.post(f"{PAGE}/transfer", {"number": "415 555 0134"})

    assert "+1 415-555-0134 can be called" in good.text
    assert "emergency numbers" in bad.text
    assert nothing.text.strip() == ""
    assert (refused.status_code, "emergency numbers" in refused.text) == (422, True)
    assert saved.status_code == 200
    assert (await desk.organization(business)).transfer_number == "+14155550134"


@pytest.mark.parametrize(("plan", "may"), [(Tier.FREE, False), (Tier.STARTER, False), (Tier.ADVANCED, True)])
async def test_transfers_come_with_a_plan(desk: Desk, plan: Tier, may: bool) -> None:
    business = await desk.add_business(plan)
    async with desk.tab(business) as tab:
        page = await tab.get(PAGE)
        answer = await tab.post(f"{PAGE}/transfer", {"number": "415 555 0134"})

    assert ("Not in your plan" in page) is not may
    assert answer.status_code == (200 if may else 403)


async def test_another_business_sees_nothing_of_it(desk: Desk) -> None:
    ours, theirs = await desk.add_business(), await desk.add_business()
    async with desk.tab(theirs) as tab:
        await tab.post(f"{PAGE}/address", {"address": "1 Secret Lane"})
    async with desk.tab(ours) as tab:
        assert "Secret Lane" not in await tab.get(PAGE)


async def test_a_kind_of_business_is_read_with_spaces_and_kept_as_it_was(desk: Desk) -> None:
    """`dental_office`, as the API has it: saving something else does not change what other programs read."""
    business = await desk.add_business()
    async with desk.store.begin(business.organization_id) as work:
        await desk.prompts.business.set_info(work, {"business_type": "dental_office"}, author="test")
    async with desk.tab(business) as tab:
        page = await tab.get(PAGE)
        form = {"type": "dental office", "description": "We fix teeth.", "site": ""}
        await tab.post(f"{PAGE}/info", {**form, "seen": _hidden(page, "info")})
        kept = (await desk.organization(business)).business_type
        await tab.post(f"{PAGE}/info", {**form, "type": "Dentist", "seen": _hidden(await tab.get(PAGE), "info")})

    assert 'value="dental office"' in page
    assert (kept, (await desk.organization(business)).business_type) == ("dental_office", "Dentist")
