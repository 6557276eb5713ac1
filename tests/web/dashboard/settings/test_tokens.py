"""API tokens by their page."""

import re

import pytest

from tests.fakes.business import add_business, business_identity
from tests.web.dashboard.settings.conftest import Rig
from voice_engine.domains.identity import api_tokens
from voice_engine.errors import NotAllowed

HOME = "/app/settings/tokens"
FORM = {"label": "night shift", "lifetime": "30", "scopes": ["calls:read", "calls:write"]}


async def made(rig: Rig) -> tuple[str, str]:
    """A token in clear, and its id."""
    async with rig.tab() as tab:
        answer = await tab.post(HOME, FORM)
    token = re.search(r"ve_[\w-]+", answer.text.split('id="secret"')[1])
    assert token is not None
    async with rig.store.read(rig.business.organization_id) as work:
        return token[0], (await api_tokens.list_tokens(work))[0].id


async def test_a_token_is_shown_once_and_does_what_was_chosen(rig: Rig) -> None:
    token, _ = await made(rig)
    caller = await business_identity(rig.store, rig.hooks.clock).verify_access_token(token)
    async with rig.tab() as tab:
        page = await tab.get(HOME)

    assert caller.organization_id == rig.business.organization_id
    assert caller.scopes == frozenset({"calls:read", "calls:write"})
    assert caller.expires_at is not None
    assert token not in page
    assert token[:9] in page


async def test_a_revoked_token_opens_nothing(rig: Rig) -> None:
    token, token_id = await made(rig)
    async with rig.tab() as tab:
        await tab.post(f"{HOME}/{token_id}/revoke")
        page = await tab.get(HOME)
        again = await tab.post(f"{HOME}/{token_id}/revoke")

    with pytest.raises(NotAllowed):
        await business_identity(rig.store, rig.hooks.clock).verify_access_token(token)
    assert "Revoked" in page
    assert 'data-code="token_not_found"' in again.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"label": " "}, "label_invalid"),
        ({"scopes": []}, "scopes_invalid"),
        ({"scopes": ["everything"]}, "invalid_scope"),
        ({"lifetime": "3650"}, "scopes_invalid"),
    ],
)
async def test_what_cannot_be_made_is_refused(rig: Rig, change: dict[str, object], code: str) -> None:
    async with rig.tab() as tab:
        refused = await tab.post(HOME, {**FORM, **change})

    assert f'data-code="{code}"' in refused.text


async def test_anothers_token_is_neither_seen_nor_revoked(rig: Rig) -> None:
    _, token_id = await made(rig)
    async with rig.tab(await add_business(rig.store, name="Other")) as tab:
        assert "night shift" not in await tab.get(HOME)
        assert (await tab.post(f"{HOME}/{token_id}/revoke")).status_code == 404


async def test_scopes_of_calls_stand_first_and_the_others_are_folded(rig: Rig) -> None:
    async with rig.tab() as tab:
        page = await tab.get(HOME)
    shown, _, folded = page.split("<fieldset", 1)[1].partition("<details>")

    assert re.findall(r'name="scopes" value="([^"]+)"( checked)?', shown) == [
        ("calls:read", " checked"),
        ("calls:write", " checked"),
        ("transcripts:read", ""),
        ("recordings:read", ""),
    ]
    assert 'value="email:write"' in folded
    assert "checked" not in folded
