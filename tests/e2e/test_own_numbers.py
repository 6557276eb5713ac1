"""A phone of one's own, verified by a code from the built-in carrier, and shown by the next call."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.serving import SCRIPTED, Served, serving
from tests.e2e.test_outbound_call import submission
from voice_engine.web.account import find_local_account

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MOBILE, CALLEE = "+14155550142", "+14155550111"
LINES = f"lines:\n  '{CALLEE}': {{answer: busy}}\n"


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Served]:
    """An installation without speech models."""
    (tmp_path / "data" / "carrier").mkdir(parents=True, mode=0o700)
    (tmp_path / "data" / "carrier" / "lines.yaml").write_text(LINES)
    with serving(tmp_path, **SCRIPTED) as running:
        yield running


async def test_the_carrier_is_told_to_show_the_verified_phone(served: Served) -> None:
    """Over the whole way: our API, the carrier's code, our API, the worker, the carrier's record of the call."""
    token = served.add_user("ada")
    account = find_local_account(served.data_dir)
    assert account is not None
    async with served.api(token) as api, served.carrier() as carrier:
        started = await api.post("/v1/phone-numbers/verify/start", json={"phone_number": MOBILE})
        texts = (await carrier.get("/carrier/messages", params={"to": MOBILE})).json()["messages"]
        code = "".join(char for char in texts[0]["text"] if char.isdigit())
        checked = await api.post("/v1/phone-numbers/verify/check", json={"phone_number": MOBILE, "code": code})
        use = {"phone_number": MOBILE, "use_as_caller_id": True}
        chosen = await api.post("/v1/phone-numbers/verify/configure", json=use)
        asked = await api.post("/v1/calls", json=submission(CALLEE), headers={"Prefer": "wait=30"})
        listed = await carrier.get(f"/2010-04-01/Accounts/{account.account_sid}/Calls.json", params={"To": CALLEE})

    assert (started.status_code, checked.status_code, chosen.json()["is_default_outbound"]) == (200, 200, True)
    assert asked.json()["status"] == "busy"
    assert [call["from"] for call in listed.json()["calls"]] == [MOBILE]
