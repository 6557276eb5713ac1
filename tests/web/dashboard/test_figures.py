"""Home and figures: what they count, for whom, and what they hand out."""

import csv
import datetime as dt
import io
import json
import re

import sqlalchemy as sa

from tests.domains.figures.test_service import call
from tests.fakes.accounts import NOW, add_account
from tests.fakes.business import add_business
from tests.fakes.dashboard import dashboard
from voice_engine.domains.calls.models import TranscriptEntry
from voice_engine.domains.calls.states import ENDS
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.usage.models import BillingAccount
from voice_engine.store.engine import Store
from voice_engine.web.dashboard.calls import list_words
from voice_engine.web.dashboard.figures.words import WORDS


async def test_an_empty_account_is_told_what_to_do(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        assert 'href="/app/talk"' in await tab.get("/app")
        assert "No calls in these days" in await tab.get("/app/figures")


async def test_the_page_the_table_and_the_charts_say_the_same(store: Store) -> None:
    ada = await add_account(store)
    async with store.begin(ada.organization_id) as work:
        work.session.add_all([call(ada, NOW), call(ada, NOW, direction="outbound", status="success")])
        missed = {"answered_at": None, "duration_ms": None}
        work.session.add(call(ada, NOW - dt.timedelta(days=2), status="missed", **missed))
    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/figures?from=2026-02-11&to=2026-02-13")
        table = list(csv.DictReader(io.StringIO((await tab.client.get("/app/figures.csv")).text)))
        found = re.search(r'id="figures-data">(.*?)</script>', page)
        assert found
        charts = json.loads(found[1])

    assert [row["date"] for row in table][-3:] == charts["days"] == ["2026-02-11", "2026-02-12", "2026-02-13"]
    assert [int(row["inbound"]) for row in table][-3:] == charts["inbound"] == [1, 0, 1]
    assert [int(row["missed"]) for row in table][-3:] == charts["missed"] == [1, 0, 0]
    assert charts["minutes"][-1] == float(table[-1]["minutes"]) == 2.0


async def test_days_that_make_no_range_are_said_so(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        assert "first day must not be after" in await tab.get(
            "/app/figures?from=2026-03-02&to=2026-03-01", status=400
        )


async def test_what_is_left_is_minutes_for_a_business_and_credits_for_a_person(store: Store) -> None:
    ada, dentist = await add_account(store), await add_business(store, Tier.PRO)
    async with dashboard(store, ada) as tab:
        assert "credits left" in await tab.fragment("/app/ticker")
    async with dashboard(store, dentist) as tab:
        assert "minutes left" in await tab.fragment("/app/ticker")
    async with store.system("whose accounts there are", writes=False) as work:
        mine = sa.select(BillingAccount.product).where(BillingAccount.organization_id == dentist.organization_id)
        products = set((await work.session.scalars(mine)).all())
    assert products == {"EPOCH"}, "looking at a page made a business pay in credits"


def test_every_end_of_a_call_has_the_word_of_the_list_of_calls() -> None:
    assert {f"status_{each}" for each in ENDS} <= WORDS["en"].keys()
    assert WORDS["en"]["status_completed"] == list_words.WORDS["en"]["chip_talked"]


async def test_how_fast_it_answers_is_said_for_people(store: Store) -> None:
    ada = await add_account(store)
    row = call(ada, NOW)
    async with store.begin(ada.organization_id) as work:
        work.session.add(row)
        await work.session.flush()
        for position, total in enumerate((700, 700, 2_400)):
            latency = [300, 200, 0, 0, 150, 20, total]
            said = {"call_id": row.id, "position": position, "speaker": "AI", "text": "Yes."}
            work.session.add(
                TranscriptEntry(
                    organization_id=ada.organization_id, start_ms=0, end_ms=100, latency=latency, **said
                )
            )
    async with dashboard(store, ada) as tab:
        home, page, spanish = await tab.get("/app"), await tab.get("/app/figures"), await tab.get("/app?lang=es")

    assert '<dt>Usual answer time</dt><dd class="num">0.7 s</dd>' in home
    assert '<dd class="num">0,7 s</dd>' in spanish
    assert "half within" in page
    assert "9 of 10 within" in page
