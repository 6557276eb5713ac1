"""Every page, in light, dark and on a phone: no fault, nothing cut, accessible; and a picture of each for the docs.

An area adds its pages to `PAGES`; who looks is "person" or "office".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser

from tests.browser.call_seeding import seed_list
from tests.browser.chromium import watched
from tests.browser.conftest import Place
from tests.browser.desk_seeding import seed_desk
from tests.browser.seeding import seed_calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A page to look at. `name` is its picture's."""

    name: str
    path: str
    who: Literal["person", "office"] = "office"


PAGES = (
    Shot(name="home", path="/app"),
    Shot(name="talk", path="/app/talk"),
    Shot(name="figures", path="/app/figures"),
    Shot(name="figures-empty", path="/app/figures", who="person"),
    Shot(name="organizations", path="/app/organizations", who="person"),
    Shot(name="password", path="/app/password", who="person"),
    Shot(name="calls", path="/app/calls"),
    Shot(name="calls-search", path="/app/calls?text=terrace"),
    Shot(name="calls-empty", path="/app/calls", who="person"),
    Shot(name="new-call", path="/app/calls/new?number=%2B12125550142", who="person"),
    Shot(name="new-call-refused", path="/app/calls/new?number=911", who="person"),
    Shot(name="new-call-business", path="/app/calls/new"),
    Shot(name="numbers", path="/app/numbers"),
    Shot(name="numbers-person", path="/app/numbers", who="person"),
    Shot(name="rules", path="/app/rules"),
    Shot(name="rules-new", path="/app/rules/new"),
    Shot(name="rules-empty", path="/app/rules", who="person"),
    Shot(name="contacts", path="/app/contacts"),
    Shot(name="contacts-new", path="/app/contacts/new"),
    Shot(name="contacts-import", path="/app/contacts/import"),
    Shot(name="contacts-erase", path="/app/contacts/erase"),
    Shot(name="contacts-empty", path="/app/contacts", who="person"),
    Shot(name="voicemails", path="/app/voicemails"),
    Shot(name="voicemails-empty", path="/app/voicemails", who="person"),
    Shot(name="actions", path="/app/actions"),
    Shot(name="actions-empty", path="/app/actions", who="person"),
    Shot(name="error", path="/app/nothing-here"),
    Shot(name="settings", path="/app/settings"),
    Shot(name="settings-person", path="/app/settings", who="person"),
    Shot(name="settings-webhooks-empty", path="/app/settings/webhooks"),
    Shot(name="settings-webhook-new", path="/app/settings/webhooks/new"),
    Shot(name="settings-tokens", path="/app/settings/tokens", who="person"),
    Shot(name="settings-audit", path="/app/settings/audit"),
    Shot(name="settings-doctor", path="/app/settings/doctor"),
)
EXPECTED = {"error": {404}}
LOOKS: dict[str, dict[str, object]] = {
    "light": {"scheme": "light"},
    "dark": {"scheme": "dark"},
    "phone": {"scheme": "light", "phone": True},
}


@pytest.fixture(scope="module", autouse=True)
def weeks_of_calls(place: Place) -> None:
    """The business has been called for a month; the person has no call yet, which shows the empty pages."""
    seed_calls(place.served, place.business.organization_id, product="EPOCH")
    seed_desk(place.served, place.business.organization_id, number="+12125550150")
    seed_list(place.served, place.business.organization_id, past=14)


@pytest.mark.parametrize("shot", PAGES, ids=lambda shot: shot.name)
async def test_a_page_has_no_fault_in_any_look(place: Place, browser: Browser, shot: Shot, pictures: Path) -> None:
    cookies = place.person if shot.who == "person" else place.office
    for look, options in LOOKS.items():
        async with watched(browser, place.url, cookies=cookies, **options) as tab:  # type: ignore[arg-type]
            tab.expected = EXPECTED.get(shot.name, set())
            page = await tab.goto(shot.path)
            await page.wait_for_load_state("networkidle")

            await tab.check()
            assert await tab.overflow() == 0, "wider than the window"
            await page.screenshot(path=pictures / f"{shot.name}-{look}.png", full_page=True)
