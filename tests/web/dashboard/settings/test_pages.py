"""Every page of the settings, in both languages, empty and full."""

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.receiver import receiver
from tests.web.dashboard.settings.conftest import Rig

PAGES = (
    "/app/settings",
    "/app/settings/providers",
    "/app/settings/webhooks",
    "/app/settings/webhooks/new",
    "/app/settings/tokens",
    "/app/settings/audit",
    "/app/settings/doctor",
)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_shown_to_a_business_and_to_a_person_in_their_language(rig: Rig, path: str) -> None:
    person = await add_account(rig.store)
    for who in (rig.business, person):
        async with rig.tab(who) as tab:
            english = await tab.get(path)
            spanish = await tab.get(f"{path}?lang=es")

        assert 'aria-current="page"' in english
        assert '<html lang="es">' in spanish
        assert ">Settings<" in english
        assert ">Ajustes<" in spanish


@pytest.mark.parametrize("path", PAGES)
async def test_a_stranger_is_asked_to_sign_in(rig: Rig, path: str) -> None:
    async with rig.tab() as tab:
        tab.client.headers.pop("Cookie")
        answer = await tab.client.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/v1/auth/login?continue=%2Fapp%2Fsettings")


async def test_a_change_without_the_forms_token_is_refused(rig: Rig) -> None:
    async with rig.tab() as tab:
        for path in ("/name", "/providers/llm", "/webhooks", "/tokens"):
            answer = await tab.client.post(f"/app/settings{path}", data={"name": "x"})
            assert answer.status_code == 403, path


async def test_pages_with_everything_on_them_are_whole(rig: Rig) -> None:
    """What they show came from others: a receiver's answer is text, never markup."""
    async with receiver(500, 200) as there:
        there.body = b"<script>alert(1)</script>"
        made = await rig.hooks.endpoint(rig.business.organization_id, there.url)
        for _ in range(2):
            await rig.hooks.service.send_test(
                rig.business.organization_id, made.endpoint.id, actor=rig.business.user_id
            )
            await rig.hooks.jobs.run_due()
    (delivery, _) = await rig.hooks.log(rig.business.organization_id, made.endpoint.id)
    async with rig.tab() as tab:
        for path in (
            "/webhooks",
            f"/webhooks/{made.endpoint.id}",
            f"/webhooks/{made.endpoint.id}?state=failed",
            f"/webhooks/{made.endpoint.id}?state=pending&page=3",
            f"/deliveries/{delivery.id}",
            "/audit",
            "/doctor",
        ):
            page = await tab.get(f"/app/settings{path}")
            assert "<script>alert" not in page
            await tab.get(f"/app/settings{path}{'&' if '?' in path else '?'}lang=es")
        shown = await tab.get(f"/app/settings/deliveries/{delivery.id}")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert delivery.id in shown
