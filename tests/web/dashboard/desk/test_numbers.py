"""The numbers' page: what is there, buying, forwarding, releasing."""

import re
from typing import Any

import sqlalchemy as sa

from tests.fakes.business import add_business
from tests.fakes.dashboard import Tab
from tests.fakes.inbound import OURS, TARGET
from tests.web.dashboard.desk.conftest import Desk
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.usage.models import BillingAccount, Product


def offered(html: str) -> list[dict[str, str]]:
    """The forms of numbers for sale."""
    return [
        dict(re.findall(r'name="(phone_number|country|key)" value="([^"]+)"', form))
        for form in re.findall(r"<form hx-post=\"/app/numbers/buy\".*?</form>", html, re.DOTALL)
    ]


async def bought(desk: Desk) -> list[str]:
    """What the organization has bought."""
    async with desk.store.read(desk.who.organization_id) as work:
        return [number.e164 for number in await desk.numbers.service.list_all(work) if not number.is_own]


async def search(tab: Tab, **wish: str) -> list[dict[str, str]]:
    query = "&".join(f"{name}={value}" for name, value in {"country": "US", **wish}.items())
    return offered(await tab.fragment(f"/app/numbers/search?{query}"))


async def test_an_empty_page_says_what_to_do(desk: Desk) -> None:
    async with desk.tab() as tab:
        html = await tab.get("/app/numbers")

        assert "No number yet" in html
        assert 'hx-get="/app/numbers/search"' in html


async def test_a_number_is_found_and_bought_once(desk: Desk) -> None:
    """A double click, and the form sent again an hour later from the history: one number, one carrier's bill."""
    async with desk.tab() as tab:
        offer = (await search(tab, area_code="415"))[0]
        answers = [await tab.post("/app/numbers/buy", offer) for _ in range(3)]

        assert [answer.headers.get("HX-Redirect") for answer in answers] == ["/app/numbers?done=bought"] * 3
        assert await bought(desk) == [offer["phone_number"]]
        html = await tab.get("/app/numbers?done=bought")
        assert "The number is yours" in html and "Your receptionist" in html


async def test_whoever_may_buy_no_other_number_is_not_offered_one(small_office: Desk, office: Desk) -> None:
    """A business has one; and one that nobody answers on is marked."""
    async with small_office.tab() as tab:
        html = await tab.get("/app/numbers")
    async with office.tab() as tab:
        assert ">Get a number</h2>" in await tab.get("/app/numbers")

    assert ">Get a number</h2>" not in html
    assert "Release it to choose another" in html
    assert "Nobody yet" not in html


async def test_a_number_by_its_digits(desk: Desk) -> None:
    async with desk.tab() as tab:
        digits = (await search(tab))[-1]["phone_number"][-4:]

        assert all(digits in offer["phone_number"] for offer in await search(tab, contains=digits))
        assert "no such number" in await tab.fragment("/app/numbers/search?country=US&area_code=999")


async def test_a_refusal_is_told_in_words(desk: Desk) -> None:
    """The plan's limit, and another country's shelf."""
    async with desk.tab() as tab:
        first, second = (await search(tab))[:2]
        await tab.post("/app/numbers/buy", first)
        refused = await tab.post("/app/numbers/buy", second)
        spanish = await tab.post("/app/numbers/buy?lang=es", second)

        assert (refused.status_code, refused.headers["hx-retarget"]) == (409, "#notice")
        assert "no room for another number" in refused.text
        assert "Tu plan no admite otro número" in spanish.text


async def test_a_business_buys_its_one_number_and_its_assistant_answers(office: Desk) -> None:
    async with office.tab() as tab:
        first, second = (await search(tab))[:2]
        one = await tab.post("/app/numbers/buy", first)
        again = await tab.post("/app/numbers/buy", first)
        two = await tab.post("/app/numbers/buy", second)
        html = await tab.get("/app/numbers")

    assert (one.headers["HX-Redirect"], again.headers["HX-Redirect"]) == ("/app/numbers?done=bought",) * 2
    assert (two.status_code, "has its number already" in two.text) == (409, True)
    assert "Reception AI" in html and "A business has one number" in html


async def test_a_business_without_an_assistant_is_led_to_one(desk: Desk) -> None:
    """Nobody would answer the number, so that none is offered."""
    business = await add_business(desk.store)
    async with desk.tab(business) as tab:
        html = await tab.get("/app/numbers")

    assert "Create an assistant first" in html and "/app/numbers/search" not in html


async def test_looking_opens_no_account_of_credits_for_a_business(office: Desk) -> None:
    """Neither a page, nor a search, nor a purchase, nor a code."""
    async with office.tab() as tab:
        offer = (await search(tab))[0]
        await tab.post("/app/numbers/buy", offer)
        sent = await tab.post("/app/numbers/phones", {"phone_number": TARGET})
        assert sent.status_code == 200
        for path in ("/app/numbers", "/app/rules", "/app/contacts", "/app/voicemails", "/app/actions"):
            await tab.get(path)

    async with office.store.system("tests", writes=False) as work:
        accounts = (await work.session.scalars(sa.select(BillingAccount))).all()
    assert {account.product for account in accounts} == {Product.EPOCH}


async def forward(tab: Tab, number_id: str, to: str) -> Any:
    return await tab.post(f"/app/numbers/{number_id}/forwarding", {"forwarding_number": to, "channel": "call"})


async def test_calls_are_forwarded_after_the_phones_code(line: Desk) -> None:
    """Nothing rings at a stranger's phone before its code came back; a proven one needs no second code."""
    number_id = await id_of(line)
    async with line.tab() as tab:
        asked = await forward(tab, number_id, "+1 (646) 555-0123")
        assert "Enter the code" in asked.text and await forwarded(line) is None

        code = line.rig.calls.telephony.codes[TARGET]
        form = {"phone_number": TARGET, "number_id": number_id, "code": code}
        wrong = await tab.post("/app/numbers/phones/check", {**form, "code": "000001"})
        assert "That is not the code" in wrong.text and await forwarded(line) is None

        right = await tab.post("/app/numbers/phones/check", form)
        assert right.headers["HX-Redirect"] == "/app/numbers?done=forwarded" and await forwarded(line) == TARGET

        await tab.post(f"/app/numbers/{number_id}/unforward")
        assert await forwarded(line) is None
        again = await forward(tab, number_id, TARGET)
        assert "HX-Redirect" in again.headers and await forwarded(line) == TARGET


async def test_forwarding_needs_a_plan(small_office: Desk) -> None:
    async with small_office.tab() as tab:
        refused = await forward(tab, await id_of(small_office), TARGET)
        html = await tab.get("/app/numbers")
    assert (refused.status_code, "Advanced" in refused.text, "needs the Advanced plan" in html) == (403, True, True)


async def test_forwarding_needs_a_phone_that_may_be_rung(line: Desk) -> None:
    async with line.tab() as tab:
        emergency = await forward(tab, await id_of(line), "911")
        assert "Emergency numbers" in emergency.text


async def test_a_phone_of_ones_own_is_proven_used_and_removed(line: Desk) -> None:
    async with line.tab() as tab:
        await tab.post("/app/numbers/phones", {"phone_number": TARGET, "channel": "sms"})
        code = line.rig.calls.telephony.codes[TARGET]
        await tab.post("/app/numbers/phones/check", {"phone_number": TARGET, "code": f" {code[:3]} {code[3:]} "})
        phone = await id_of(line, TARGET)
        await tab.post(f"/app/numbers/{phone}/target")
        html = await tab.get("/app/numbers")
        assert "Verified" in html and "Calls are handed here" in html

        await tab.post(f"/app/numbers/{phone}/release")
        assert "None yet" in await tab.get("/app/numbers")


async def test_a_number_is_named_and_released(line: Desk) -> None:
    number_id = await id_of(line)
    async with line.tab() as tab:
        await tab.post(f"/app/numbers/{number_id}/name", {"label": "Front <desk>", "caller_id_name": "ADA"})
        await tab.post(f"/app/numbers/{number_id}/shown")
        html = await tab.get("/app/numbers")
        assert "Front &lt;desk&gt;" in html and "Your caller ID" in html

        gone = await tab.post(f"/app/numbers/{number_id}/release")
        twice = await tab.post(f"/app/numbers/{number_id}/release")

    assert (gone.headers["HX-Redirect"], twice.status_code) == ("/app/numbers?done=released", 404)
    assert await bought(line) == []


async def test_another_organizations_number_is_not_there(line: Desk) -> None:
    number_id, stranger = await id_of(line), await add_business(line.store)
    async with line.tab(stranger) as tab:
        assert OURS[-4:] not in await tab.get("/app/numbers")
        for path in ("release", "shown", "name", "forwarding", "unforward", "target"):
            form = {"forwarding_number": TARGET, "label": "mine"}
            answer = await tab.post(f"/app/numbers/{number_id}/{path}", form)
            assert answer.status_code == 404, path
    assert await bought(line) == [OURS]


async def id_of(desk: Desk, e164: str = OURS) -> str:
    async with desk.store.read(desk.who.organization_id) as work:
        found = await work.session.scalar(sa.select(PhoneNumber).where(PhoneNumber.e164 == e164))
    assert found is not None
    return found.id


async def forwarded(desk: Desk) -> str | None:
    async with desk.store.read(desk.who.organization_id) as work:
        return await work.session.scalar(sa.select(PhoneNumber.forwarding_number).where(PhoneNumber.e164 == OURS))
