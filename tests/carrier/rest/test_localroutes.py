"""What only this carrier has: calls from lines by HTTP, and the operator's page."""

from pathlib import Path
from typing import Any

import pytest

from tests.carrier.rest.rig import BASE, OURS, STREAM, THEIRS, Rig, open_rig
from voice_engine.clock import run_virtual
from voice_engine.ports.telephony import NumberSettings


async def post(rig: Rig, body: Any) -> Any:
    account = (rig.carrier.settings.account_sid, rig.carrier.settings.auth_token)
    return await rig.http.post("/carrier/calls", json=body, auth=account)


async def configure(rig: Rig) -> None:
    (number,) = await rig.telephony.list_numbers()
    await rig.telephony.configure_number(number.number_sid, NumberSettings(voice_url=f"{BASE}/voice"))
    rig.customer.documents["/voice"] = STREAM


def test_a_line_is_told_to_call(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            await configure(rig)
            answer = await post(rig, {"to": OURS, "from": THEIRS})
            await rig.ended(answer.json()["sid"])

            assert answer.status_code == 201
            assert rig.customer.at("/voice")[0].form["From"] == THEIRS
            assert len(rig.engine.of("start")) == 1

    run_virtual(main())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"to": "+15550100100", "from": THEIRS}, 404),
        ({"to": OURS, "from": "+15550100155"}, 409),
        ({"to": OURS, "from": "somebody"}, 400),
        ({"from": THEIRS}, 400),
        ([], 400),
    ],
)
def test_calls_that_cannot_be_made(body: Any, status: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            await configure(rig)
            answer = await post(rig, body)

            assert answer.status_code == answer.json()["status"] == status
            assert rig.carrier.exchange.book.all() == []

    run_virtual(main())


def test_the_page_shows_calls_and_what_went_wrong_with_them(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            await configure(rig)
            rig.customer.documents["/voice"] = "<Response><Loud/></Response>"
            answer = await post(rig, {"to": OURS, "from": THEIRS})
            await rig.ended(answer.json()["sid"])
            page = await rig.api("GET", "/carrier")

            assert page.headers["content-type"].startswith("text/html")
            assert "TwiML: &lt;Loud&gt; is not supported by this carrier" in page.text
            assert OURS in page.text

    run_virtual(main())
