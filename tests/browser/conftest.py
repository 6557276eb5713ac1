"""An installation that is really served, with a person and a business, and a Chromium on it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser

from tests.browser.chromium import chromium
from tests.e2e.business import ADMIN_KEY, Office, open_office
from tests.e2e.serving import SCRIPTED, Served, serving

PASSWORD = "a long enough password"  # of the tests' own accounts


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker("browser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running installation. `person` and `office`: cookies of a signed-in person and of a business's owner."""

    served: Served
    person: dict[str, str]
    office: dict[str, str]
    business: Office

    @property
    def url(self) -> str:
        """Its address."""
        return self.served.url


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Speech is scripted: pages are what is looked at. Spoken calls open an installation of their own."""
    directory = tmp_path_factory.mktemp("served")
    with serving(directory, **SCRIPTED, VOICE_ENGINE_ADMIN_API_KEY=ADMIN_KEY) as served:
        yield furnish(served)


def furnish(served: Served) -> Place:
    """Add a person and a business to an installation, and sign both in as their browsers would."""
    served.add_user("ada")
    office = open_office(served, "Bright Smile Dental", plan="ENTERPRISE")
    name, _, token = office.cookie.partition("=")
    return Place(served=served, person=sign_in(served, "ada@example.com"), office={name: token}, business=office)


def sign_in(served: Served, email: str, password: str = PASSWORD) -> dict[str, str]:
    """The session's cookie, got by the form that a person fills in."""
    with httpx2.Client(base_url=served.url, timeout=30.0) as browser:
        page = browser.get("/v1/auth/login")
        csrf = browser.cookies["ve_csrf"]
        assert csrf in page.text
        form = {"csrf": csrf, "continue": "/app", "email": email, "password": password}
        entered = browser.post("/v1/auth/login", data=form)
        assert entered.status_code == 303, entered.text
        return {"ve_session": browser.cookies["ve_session"]}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium whose microphone beeps."""
    async with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go."""
    return Path(__file__).parents[2] / "docs" / "img" / "app"
