"""Doctor as a page."""

import json
from collections.abc import AsyncIterator

import sqlalchemy as sa

from tests.web.dashboard.settings.conftest import Rig
from voice_engine.domains.accounts.models import User
from voice_engine.ports.doctor import Finding, problem, well

HOME = "/app/settings/doctor"


class FakeDoctor:
    """Finds two things."""

    async def examine(self) -> AsyncIterator[Finding]:
        yield well("python", "3.11")
        yield problem("clock", "9 s ahead", "run a time service")


async def test_everybody_sees_their_organization(rig: Rig) -> None:
    async with rig.tab() as tab:
        english, spanish = await tab.get(HOME), await tab.get(f"{HOME}?lang=es")

    assert "Nobody answers: there is no assistant." in english
    assert "Nadie contesta: no hay asistente." in spanish
    assert 'href="/app/numbers"' in english


async def test_the_server_is_its_operators(rig: Rig) -> None:
    rig.doctor = FakeDoctor()
    async with rig.tab() as tab:
        before = await tab.get(HOME)
        assert (await tab.client.get(f"{HOME}/findings")).status_code == 404
        async with rig.store.system("tests") as work:
            of_owner = sa.update(User).where(User.id == rig.business.user_id)
            await work.session.execute(of_owner.values(is_operator=True))
        after = await tab.get(HOME)
        stream = await tab.client.get(f"{HOME}/findings")

    assert "data-look" not in before
    assert "data-look" in after
    events = [block.split("\n") for block in stream.text.strip().split("\n\n")]
    assert [kind for kind, _ in events] == ["event: finding", "event: finding", "event: done"]
    assert json.loads(events[1][1].removeprefix("data: ")) == {
        "subject": "clock",
        "verdict": "problem",
        "detail": "9 s ahead",
        "fix": "run a time service",
    }
