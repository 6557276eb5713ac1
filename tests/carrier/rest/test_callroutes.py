"""POST and GET of Calls as strictly as Twilio reads them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.carrier.lines import SilentLine
from tests.carrier.rest.rig import BASE, OURS, THEIRS, open_rig
from voice_engine.clock import run_virtual

GOOD = {"To": THEIRS, "From": OURS, "Url": f"{BASE}/voice"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": ""}, 21201),
        ({"To": "5551234567"}, 21211),
        ({"To": "+0123"}, 21211),
        ({"From": ""}, 21213),
        ({"From": "Ana"}, 21212),
        ({"From": "+14155559999"}, 21210),
        ({"Url": ""}, 21205),
        ({"Url": "ftp://x.test/"}, 21205),
        ({"Url": "/voice"}, 21205),
        ({"Url": "", "Twiml": "x" * 4001}, 21618),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"Method": "PATCH"}, 21403),
        ({"Timeout": "601"}, 20001),
        ({"Timeout": "soon"}, 20001),
        ({"MachineDetection": "maybe"}, 21230),
        ({"AsyncAmd": "yes"}, 20001),
        ({"SendDigits": "12x"}, 21205),
    ],
)
def test_bad_orders_are_refused_with_twilio_s_code(changes: dict[str, str], code: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            answer = await rig.api("POST", "Calls.json", **(GOOD | changes))

            assert answer.status_code == 400
            body = answer.json()
            assert body["code"] == code
            assert set(body) == {"code", "message", "more_info", "status"}
            assert body["more_info"].endswith(str(code))
            assert rig.carrier.exchange.book.all() == []

    run_virtual(main())


NAMES = """
To From Url Twiml Timeout TimeLimit StatusCallback StatusCallbackEvent SendDigits MachineDetection AsyncAmd
AsyncAmdStatusCallback Method Record Status Nonsense
"""
FIELDS = st.sampled_from(NAMES.split())
VALUES = st.sampled_from(
    [THEIRS, OURS, BASE, "", "true", "Enable", "30", "[::1", "https://[bad/", "POST"]
) | st.text(max_size=20)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(FIELDS, VALUES))
def test_whatever_is_posted_is_taken_or_refused(tmp_path: Path, fields: dict[str, str]) -> None:
    """Never a 500, and a call that was taken comes to an end."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            answer = await rig.api("POST", "Calls.json", **(GOOD | fields))
            if answer.status_code == 201:
                await rig.ended(answer.json()["sid"])
                changed = await rig.api("POST", f"Calls/{answer.json()['sid']}.json", **fields)
                assert changed.status_code in (200, 400)
            else:
                assert (answer.status_code, answer.json()["status"]) == (400, 400)

    run_virtual(main())


def test_strangers_are_refused(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            account = rig.carrier.settings.account_sid
            path = f"/2010-04-01/Accounts/{account}/Calls.json"
            answers = [
                await rig.http.get(path),
                await rig.http.get(path, auth=(account, "wrong")),
                await rig.http.get(path, headers={"Authorization": "Basic not-base64!"}),
                await rig.http.get(path, headers={"Authorization": "Bearer x"}),
            ]
            other = await rig.api("GET", f"/2010-04-01/Accounts/AC{'9' * 32}/Calls.json")

            assert [answer.status_code for answer in answers] == [401] * 4
            assert answers[0].json()["code"] == 20003
            assert answers[0].headers["www-authenticate"].startswith("Basic")
            assert (other.status_code, other.json()["code"]) == (404, 20404)

    run_virtual(main())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "Nothing.json", 404), ("DELETE", "Calls.json", 405), ("GET", "Calls/CA1.json", 404)],
)
def test_unknown_paths_answer_as_twilio_does(method: str, path: str, status: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            answer = await rig.api(method, path)

            assert answer.status_code == answer.json()["status"] == status

    run_virtual(main())


def test_a_body_that_is_no_form_is_refused(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            account = rig.carrier.settings.account_sid
            path = f"/2010-04-01/Accounts/{account}/Calls.json"
            auth = (account, rig.carrier.settings.auth_token)
            as_json = await rig.http.post(path, json=GOOD, auth=auth)
            huge = await rig.http.post(path, data=GOOD | {"Twiml": "x" * 70_000}, auth=auth)

            assert (as_json.status_code, huge.status_code) == (415, 413)

    run_virtual(main())


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"Status": "paused"}, 21218), ({"Url": f"{BASE}/x"}, 21220), ({"Twiml": "<Response/>"}, 21220)],
)
def test_a_ringing_call_takes_no_twiml(fields: dict[str, str], code: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            placed = await rig.api("POST", "Calls.json", **GOOD)
            answer = await rig.api("POST", f"Calls/{placed.json()['sid']}.json", **fields)

            assert (answer.status_code, answer.json()["code"]) == (400, code)

    run_virtual(main())


def test_the_list_is_paged_and_filtered(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put("+15550100188", SilentLine)
            for to in 3 * [THEIRS] + 2 * ["+15550100188"]:
                await rig.api("POST", "Calls.json", **(GOOD | {"To": to}))
            await rig.carrier.parts.clock.sleep_ms(100)
            pages, query = [], {"To": THEIRS, "PageSize": "2"}
            page: dict[str, Any] = (await rig.api("GET", "Calls.json", **query)).json()
            while True:
                pages.append([call["to"] for call in page["calls"]])
                if page["next_page_uri"] is None:
                    break
                page = (await rig.api("GET", page["next_page_uri"])).json()
            later = (await rig.api("GET", "Calls.json", **{"StartTime>": "2026-02-14"})).json()
            today = (await rig.api("GET", "Calls.json", **{"StartTime>": "2026-02-13T00:00:00Z"})).json()
            none = (await rig.api("GET", "Calls.json", Status="busy")).json()
            bad = await rig.api("GET", "Calls.json", PageSize="0")

            assert pages == [[THEIRS, THEIRS], [THEIRS]]
            assert (len(later["calls"]), len(today["calls"]), len(none["calls"])) == (0, 5, 0)
            assert bad.status_code == 400

    run_virtual(main())
