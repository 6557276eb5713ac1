"""Own provider accounts by their page."""

import pytest

from tests.fakes.business import add_business
from tests.fakes.providerkeys import KEY
from tests.web.dashboard.settings.conftest import Rig
from voice_engine.errors import UpstreamFailed

HOME = "/app/settings/providers"
FORM = {"model": "house-model", "base_url": "https://models.example.com/v1", "api_key": KEY}


async def test_a_key_is_kept_and_never_shown_again(rig: Rig) -> None:
    async with rig.tab() as tab:
        empty = await tab.get(HOME)
        saved = await tab.post(f"{HOME}/llm", FORM)
        page = await tab.get(HOME)

    assert saved.headers["hx-redirect"] == f"{HOME}?done=provider_saved"
    assert 'value="usual-model"' in empty
    assert "••••cdef" in page
    assert KEY not in page
    assert "house-model" in page


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"base_url": "https://inside.example.com"}, "address_refused"),
        ({"base_url": "http://models.example.com"}, "https_required"),
        ({"model": ""}, "model_invalid"),
        ({"api_key": "two words"}, "key_invalid"),
        ({"api_key": "", "base_url": ""}, "key_required"),
    ],
)
async def test_what_is_wrong_is_said_in_the_persons_language(rig: Rig, change: dict[str, str], code: str) -> None:
    async with rig.tab() as tab:
        refused = await tab.post(f"{HOME}/llm?lang=es", {**FORM, **change})

    assert refused.headers["hx-retarget"] == "#notice"
    assert f'data-code="{code}"' in refused.text
    assert not {" the ", " must ", " give "} & {f" {word} " for word in refused.text.lower().split()}


async def test_a_test_asks_and_shows_what_came_back(rig: Rig) -> None:
    async with rig.tab() as tab:
        await tab.post(f"{HOME}/llm", FORM)
        await tab.post(f"{HOME}/llm/test")
        good = await tab.get(HOME)
        rig.probe.fault = UpstreamFailed("llm_key_refused", "no", provider="x", retryable=False)
        await tab.post(f"{HOME}/llm/test")
        bad = await tab.get(f"{HOME}?lang=es")
        rig.probe.fault = UpstreamFailed("brand_new_fault", "no", provider="x", retryable=False)
        await tab.post(f"{HOME}/llm/test")
        strange = await tab.get(HOME)

    assert "It answered &#34;ready&#34;." in good
    assert "La clave fue rechazada." in bad
    assert "brand_new_fault" in strange


async def test_an_account_is_switched_off_on_and_removed(rig: Rig) -> None:
    async with rig.tab() as tab:
        await tab.post(f"{HOME}/llm", FORM)
        await tab.post(f"{HOME}/llm/enabled", {"enabled": "no"})
        off = await tab.get(HOME)
        await tab.post(f"{HOME}/llm/enabled", {"enabled": "yes"})
        on = await tab.get(HOME)
        await tab.post(f"{HOME}/llm/remove")
        gone = await tab.get(HOME)

    assert "Use it in calls" in off
    assert "Stop using it" in on
    assert "house-model" not in gone


async def test_anothers_account_is_neither_seen_nor_touched(rig: Rig) -> None:
    other = await add_business(rig.store, name="Other")
    async with rig.tab(other) as tab:
        await tab.post(f"{HOME}/llm", FORM)
    async with rig.tab() as tab:
        page = await tab.get(HOME)
        for path in ("test", "enabled", "remove"):
            assert (await tab.post(f"{HOME}/llm/{path}")).status_code == 404
        assert (await tab.post(f"{HOME}/robot", FORM)).status_code == 404

    assert "house-model" not in page
    async with rig.tab(other) as tab:
        assert "house-model" in await tab.get(HOME)
