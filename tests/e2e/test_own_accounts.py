"""A business's own provider accounts and webhooks, seen from the other end of a real call."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.business import ADMIN_KEY, Office, in_office
from tests.e2e.serving import SCRIPTED, Served, serving, until
from tests.e2e.test_browser_calls import ask, ended, office, person, talk
from tests.fakes.receiver import Got, Receiver, receiver
from voice_engine.domains.hooks.signing import sign

__all__ = ["office", "served"]

pytestmark = [pytest.mark.acceptance, pytest.mark.slow, pytest.mark.timeout(180)]

KEY = "sk-of-this-business-0123"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation whose operator lets organizations reach this machine."""
    allowed: Any = {"VOICE_ENGINE_OUTBOUND__ALLOW_PRIVATE": "true", "VOICE_ENGINE_ADMIN_API_KEY": ADMIN_KEY}
    with serving(tmp_path_factory.mktemp("served"), **SCRIPTED, **allowed) as running:
        yield running


async def post(served: Served, office: Office, path: str, form: dict[str, Any]) -> str:
    """What a form of the settings is answered."""
    async with in_office(served, office) as browser:
        token = re.search(r'name="csrf-token" content="([0-9a-f]+)"', (await browser.get("/app/settings")).text)
        assert token is not None
        headers = {"X-CSRF-Token": token[1], "HX-Request": "true", "Origin": served.url}
        answer = await browser.post(f"/app/settings{path}", data=form, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def of(there: Receiver, path: str) -> list[Got]:
    return [got for got in there.got if got.path == path]


async def test_a_call_uses_its_businesss_own_accounts_and_tells_its_webhook(served: Served, office: Office) -> None:
    """The providers answer 500: the call goes on with what the installation has, and ends as any other."""
    async with receiver(*[500] * 200) as providers, receiver() as hooks:
        base = providers.url.split("/hooks")[0]
        for kind in ("tts", "llm"):
            form = {"model": f"own-{kind}", "base_url": f"{base}/v1", "api_key": KEY}
            await post(served, office, f"/providers/{kind}", form)
        events = ["call.started", "call.ended", "call.reported"]
        made = await post(served, office, "/webhooks", {"url": hooks.url, "events": events})
        secret = re.search(r"whsec_[\w+/=]+", made)
        assert secret is not None

        body = await ask(served, office, "/app/talk/calls", {"mode": "reception"})
        browser = await talk(served, office, body, person())
        call = await ended(served, office, body["callId"])

        async def is_told() -> bool:
            return len(hooks.got) >= len(events)

        await until(is_told, seconds=30)

    assert browser.closed == 1000
    assert call["transcript"], "the installation's own voice spoke after all"
    for path, model in (("/v1/audio/speech", "own-tts"), ("/v1/chat/completions", "own-llm")):
        asked = of(providers, path)
        assert asked, f"{path} was never asked"
        assert {got.headers["authorization"] for got in asked} == {f"Bearer {KEY}"}
        assert {json.loads(got.body)["model"] for got in asked} == {model}
    messages = {(told := json.loads(got.body))["type"]: told["data"] for got in hooks.got}
    assert set(messages) == set(events)
    assert {data["call"]["id"] for data in messages.values()} == {body["callId"]}
    for got in hooks.got:
        stamp, message_id = int(got.headers["webhook-timestamp"]), got.headers["webhook-id"]
        assert got.headers["webhook-signature"] == sign(secret[0], message_id, stamp, got.body)
