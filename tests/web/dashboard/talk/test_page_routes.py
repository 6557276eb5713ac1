"""The talk page as it is served, and what it is told of a call that is over."""

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.accounts import NOW, Account, add_account
from tests.fakes.business import Business, add_business
from tests.fakes.dashboard import dashboard
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import CallState, Channel, EndedReason
from voice_engine.domains.minutes.plans import Tier
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.web.dashboard.talk.examples import KINDS, example_of
from voice_engine.web.dashboard.talk.words import WORDS

pytestmark = pytest.mark.store


def told(page: str) -> Any:
    """What the page gives its script."""
    found = re.search(r'<script type="application/json" id="talk-data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


async def add_call(store: Store, who: Account | Business, **columns: Any) -> str:
    """An ended browser call of somebody; its id."""
    call: dict[str, Any] = {
        "id": new_id(),
        "organization_id": who.organization_id,
        "product": "KALLY",
        "direction": "outbound",
        "channel": Channel.BROWSER,
        "status": CallState.SUCCESS,
        "ended_reason": EndedReason.COMPLETED,
        "task_outcome": "achieved",
        "created_at": NOW,
        "ended_at": NOW,
        "duration_ms": 61_400,
        "timezone": "America/New_York",
        "language": "en",
        "app_language": "en",
        "max_seconds": 900,
        "credits_used": Decimal("1.20"),
        "highlights": ["Booked: table for 4."],
        "next_steps": ["Be there at eight."],
        **columns,
    }
    async with store.begin(who.organization_id) as work:
        work.session.add(Call(**call))
    return str(call["id"])


async def test_the_page_speaks_to_its_person_and_gives_its_script_words_and_errands(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/talk")

    script = told(page)
    assert "Call my receptionist" in page
    assert script["language"] == "en"
    assert {f"fault_{code}" for code in ("insecure", "permission_denied", "no_device", "no_room")} <= set(
        script["words"]
    )
    errand = script["examples"]["en"]["restaurant"]
    tomorrow = NOW.astimezone(dt.UTC).date() + dt.timedelta(days=1)
    assert abs((dt.date.fromisoformat(errand["appointment_date"]) - tomorrow).days) <= 1
    assert errand["appointment_date"] > NOW.date().isoformat()
    assert errand["user_name"] == "Ada"


async def test_the_page_in_spanish_offers_spanish(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/talk?lang=es")

    assert "Llamar a mi recepción" in page
    assert re.search(r'value="es" checked', page)
    assert 'value="Reservar una mesa para cenar"' in page


async def test_a_business_is_offered_its_receptionists_own_language(store: Store) -> None:
    """Its owner reads English, its callers speak Spanish."""
    clinic = await add_business(store, plan=Tier.PRO)
    async with store.begin(clinic.organization_id) as work:
        assistant = Assistant(
            id=new_id(),
            organization_id=clinic.organization_id,
            engine_id="recepcion",
            name="Recepción",
            voice_id="savannah",
            voice_name="Savannah",
            language="es",
            created_at=NOW,
        )
        work.session.add(assistant)
        await work.session.flush()
        row = await work.session.get(Organization, clinic.organization_id)
        assert row is not None
        row.primary_assistant_id = assistant.id
    async with dashboard(store, clinic) as tab:
        page = await tab.get("/app/talk")

    assert '<html lang="en"' in page
    assert re.search(r'value="es" checked', page)


async def test_what_a_call_came_to(store: Store) -> None:
    ada = await add_account(store)
    call_id = await add_call(store, ada)
    async with dashboard(store, ada) as tab:
        result = (await tab.ask(f"/app/talk/calls/{call_id}", method="GET")).json()

    assert result == {
        "callId": call_id,
        "over": True,
        "isGood": True,
        "outcome": "Done",
        "reason": "Both said goodbye.",
        "summary": "",
        "highlights": ["Booked: table for 4."],
        "nextSteps": ["Be there at eight."],
        "length": "1:01",
        "credits": "1.2",
        "page": f"/app/calls/{call_id}",
    }


async def test_a_call_that_was_declined_is_no_success(store: Store) -> None:
    ada = await add_account(store)
    call_id = await add_call(store, ada, task_outcome="declined")
    async with dashboard(store, ada) as tab:
        result = (await tab.ask(f"/app/talk/calls/{call_id}?lang=es", method="GET")).json()

    assert (result["isGood"], result["outcome"]) == (False, "Rechazado")


async def test_a_call_that_is_up_has_come_to_nothing_yet(store: Store) -> None:
    ada = await add_account(store)
    call_id = await add_call(store, ada, status=CallState.IN_PROGRESS, ended_reason=None, task_outcome=None)
    async with dashboard(store, ada) as tab:
        result = (await tab.ask(f"/app/talk/calls/{call_id}", method="GET")).json()

    assert (result["over"], result["outcome"], result["reason"]) == (False, "", "")


async def test_a_business_pays_no_credits(store: Store) -> None:
    clinic = await add_business(store)
    call_id = await add_call(store, clinic, product="EPOCH", direction="inbound", status=CallState.COMPLETED)
    async with dashboard(store, clinic) as tab:
        result = (await tab.ask(f"/app/talk/calls/{call_id}", method="GET")).json()

    assert result["credits"] is None


async def test_anothers_call_and_no_call_are_not_there(store: Store) -> None:
    ada, eve = await add_account(store), await add_account(store, "Eve")
    call_id = await add_call(store, ada)
    async with dashboard(store, eve) as tab:
        answers = [await tab.ask(f"/app/talk/calls/{each}", method="GET") for each in (call_id, new_id(), "no-id")]

    assert [(each.status_code, each.json()["error"]["code"]) for each in answers] == [(404, "call_not_found")] * 3


async def test_strangers_see_neither(store: Store) -> None:
    async with dashboard(store, None) as tab:
        answers = [await tab.ask(path, method="GET") for path in ("/app/talk", f"/app/talk/calls/{new_id()}")]

    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_errand_of_nobody_has_a_name(kind: str, language: Any) -> None:
    errand = example_of(kind, language, day=dt.date(2026, 2, 14), name="")

    assert errand["user_name"]
    assert errand["task_description"]
    assert errand["appointment_date"] == "2026-02-14"


def test_every_fault_says_what_to_do() -> None:
    """The script words a code by both."""
    for words in WORDS.values():
        faults = {key for key in words if key.startswith("js_fault_") and not key.endswith("_next")}
        assert {f"{key}_next" for key in faults} <= words.keys()
