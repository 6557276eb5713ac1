"""The operations on a business's number, held to the published contract."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.business import refusal
from voice_engine.domains.inbound.decisions import Converse
from voice_engine.domains.minutes.plans import Tier
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.telephony import AvailableNumber
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

SAN_FRANCISCO = AvailableNumber(
    e164="+14155550111", country="US", kind="local", locality="San Francisco", region="CA"
)
NEW_YORK = AvailableNumber(e164="+12125550112", country="US", kind="local", locality="New York", region="NY")
EMPTY = {
    "phoneNumber": None,
    "vapiPhoneNumberId": None,
    "twilioPhoneNumberSid": None,
    "hasSipTrunk": False,
    "hasAssistant": False,
    "assistantName": None,
}


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> BusinessRig:
    """A business without a number; two are for sale."""
    opened = await open_business_line(store, tmp_path, Tier.FREE, number=None)
    opened.calls.telephony.for_sale.clear()
    for number in (SAN_FRANCISCO, NEW_YORK):
        opened.calls.telephony.for_sale[number.e164] = number
    return opened


async def test_a_number_from_nothing_to_a_call_on_it(rig: BusinessRig) -> None:
    async with rig.client() as api:
        assert (await api.get("/api/phone-numbers")).json() == EMPTY
        bought = (await api.post("/api/phone-numbers", json={"areaCode": "415"})).json()
        shown = (await api.get("/api/phone-numbers")).json()
    assert bought["phoneNumber"] == SAN_FRANCISCO.e164
    assert shown["phoneNumber"] == bought["phoneNumber"]
    assert shown["twilioPhoneNumberSid"] == bought["twilioPhoneNumberSid"]
    assert (shown["hasSipTrunk"], shown["hasAssistant"], shown["assistantName"]) == (True, True, "Reception AI")
    assert isinstance(await rig.ring(called=SAN_FRANCISCO.e164), Converse)


async def test_a_second_one_is_refused_and_two_at_once_buy_one(rig: BusinessRig) -> None:
    async with rig.client() as api:
        async with asyncio.TaskGroup() as tasks:
            both = [tasks.create_task(api.post("/api/phone-numbers", json={})) for _ in range(2)]
        answers = [each.result() for each in both]
        again = await api.post("/api/phone-numbers")
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert refusal(again) == (409, "already_provisioned")
    assert len(await rig.calls.telephony.list_numbers()) == 1


async def test_a_number_that_the_search_found_is_the_one_that_is_bought(rig: BusinessRig) -> None:
    async with rig.client() as api:
        found = (await api.get("/api/phone-numbers/search?locality=new%20york")).json()["numbers"]
        bought = (await api.post("/api/phone-numbers", json={"phoneNumber": found[0]["phoneNumber"]})).json()
    assert found == [{"phoneNumber": NEW_YORK.e164, "locality": "New York", "region": "NY"}]
    assert bought["phoneNumber"] == NEW_YORK.e164


async def test_search_by_area_and_by_how_many(rig: BusinessRig) -> None:
    async with rig.client() as api:
        assert len((await api.get("/api/phone-numbers/search?limit=1")).json()["numbers"]) == 1
        assert len((await api.get("/api/phone-numbers/search?areaCode=415")).json()["numbers"]) == 1
        assert (await api.get("/api/phone-numbers/search?areaCode=999")).json()["numbers"] == []
        for query in ("areaCode=123", "limit=31", "limit=0", f"locality={'x' * 101}"):
            assert refusal(await api.get(f"/api/phone-numbers/search?{query}")) == (422, "validation_error")


async def test_nothing_for_sale_and_nobody_to_answer(rig: BusinessRig, store: Store, tmp_path: Path) -> None:
    async with rig.client() as api:
        for wish in ({"areaCode": "999"}, {"phoneNumber": "+14155550199"}, {"phoneNumber": "+8613800138000"}):
            assert refusal(await api.post("/api/phone-numbers", json=wish)) == (404, "no_numbers_available")
        assert refusal(await api.post("/api/phone-numbers", json={"areaCode": "12"})) == (422, "validation_error")
    nobody = await open_business_line(store, tmp_path / "b", number=None, assistant=False)
    async with nobody.client() as api:
        assert refusal(await api.post("/api/phone-numbers", json={})) == (404, "no_active_assistant")


async def test_a_carrier_that_fails_leaves_no_number(rig: BusinessRig) -> None:
    rig.calls.telephony.fail_next(
        UpstreamFailed("carrier_down", "the carrier is down", provider="carrier", retryable=True)
    )
    async with rig.client() as api:
        assert refusal(await api.post("/api/phone-numbers", json={})) == (502, "provider_error")
        assert (await api.get("/api/phone-numbers")).json() == EMPTY


async def test_buying_is_counted_by_the_hour(rig: BusinessRig) -> None:
    async with rig.client() as api:
        for _ in range(5):
            await api.post("/api/phone-numbers", json={"areaCode": "999"})
        refused = await api.post("/api/phone-numbers", json={"areaCode": "999"})
    assert refusal(refused) == (429, "rate_limited") and int(refused.headers["retry-after"]) > 0
