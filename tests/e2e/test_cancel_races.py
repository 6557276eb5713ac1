"""Somebody withdraws a call in the moment of its dial: one of the two happened, and everybody says the same."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.serving import SCRIPTED, Served, serving, until
from tests.e2e.test_outbound_call import submission
from voice_engine.web.account import find_local_account

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

RACES = 50
CALLEES = [f"+1415555{2000 + race}" for race in range(RACES)]
LINES = "lines:\n" + "".join(f"  '{callee}': {{answer: busy}}\n" for callee in CALLEES)
STEP_S = 0.01
"""Each race gives the dial so much more of a start than the one before: from none to half a second."""


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Served]:
    """An installation without speech models, with its worker and the built-in carrier as processes of their own."""
    (tmp_path / "data" / "carrier").mkdir(parents=True, mode=0o700)
    (tmp_path / "data" / "carrier" / "lines.yaml").write_text(LINES)
    with serving(tmp_path, **SCRIPTED) as running:
        yield running


async def race(api: Any, number: int) -> tuple[bool, str]:
    """Ask for a call and withdraw it; whether the withdrawal was granted, and how the call ended."""
    asked = await api.post("/v1/calls", json=submission(CALLEES[number]), headers={"Prefer": "respond-async"})
    assert asked.status_code in {201, 202}, asked.text
    path = f"/v1/calls/{asked.json()['call_id']}"
    await asyncio.sleep(number * STEP_S)
    withdrawn = await api.post(f"{path}/cancel")
    assert withdrawn.status_code in {200, 409}, withdrawn.text

    async def ended() -> Any:
        status = (await api.get(path)).json()["status"]
        return status if status in {"cancelled", "busy"} else None

    return withdrawn.status_code == 200, await until(ended, every_s=0.5)


async def test_a_call_is_either_withdrawn_or_dialled(served: Served) -> None:
    token = served.add_user("ada")
    account = find_local_account(served.data_dir)
    assert account is not None
    async with served.api(token) as api, served.carrier() as carrier:
        outcomes = [await race(api, number) for number in range(RACES)]
        await asyncio.sleep(2.0)  # a dial that comes late would come by now
        listed = await carrier.get(
            f"/2010-04-01/Accounts/{account.account_sid}/Calls.json", params={"PageSize": "1000"}
        )

    dialled = [call["to"] for call in listed.json()["calls"]]
    rung = [dialled.count(callee) for callee in CALLEES]
    assert [(granted, status) for granted, status in outcomes] == [
        (True, "cancelled") if orders == 0 else (False, "busy") for orders in rung
    ]
    assert set(rung) == {0, 1}, "some were withdrawn, some dialled, none twice"
