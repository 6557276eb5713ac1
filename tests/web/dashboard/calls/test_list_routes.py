"""The list's page: filters in its address, a search with its marks, pages, what is up, the spreadsheet."""

import csv
import datetime as dt
import html
import io
import re
from typing import Any

import pytest

from tests.fakes.accounts import NOW, Account, add_account
from tests.fakes.business import Business, add_business
from tests.fakes.dashboard import Tab, dashboard
from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.states import CallState
from voice_engine.domains.minutes.plans import Tier
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

OTHER = "+12125550142"


async def add(store: Store, who: Account | Business, *said: str, ago_s: int = 60, **columns: Any) -> Call:
    """A call of theirs that came in and is over, and what was said in it."""
    at = NOW - dt.timedelta(seconds=ago_s)
    call = Call(**{
        "id": new_id(), "product": "EPOCH", "direction": "inbound", "from_number": OTHER,
        "to_number": "+15005550006",
        "status": CallState.COMPLETED, "created_at": at, "started_at": at, "answered_at": at,
        "ended_at": at + dt.timedelta(seconds=40), "duration_ms": 40_000, "timezone": "America/New_York",
        "language": "en", "app_language": "en", "max_seconds": 900, **columns,
    })  # fmt: skip
    async with store.begin(who.organization_id) as work:
        await call_rows.add_call(work, call)
        work.session.add_all(
            TranscriptEntry(call_id=call.id, position=index, speaker="HUMAN", text=text, interrupted=False,
                            start_ms=index * 1000, end_ms=index * 1000 + 900)
            for index, text in enumerate(said)
        )  # fmt: skip
        await work.session.flush()
        await index_calls(work, [call.id])
    return call


def calls_on(page: str) -> list[str]:
    """The calls that a page links to, in order."""
    return re.findall(r'href="/app/calls/([0-9a-f-]{36})(?:#line-\d+)?"', page)


async def whole_list(tab: Tab, path: str = "/app/calls") -> list[str]:
    """Every call of a list, page by page as its button asks for them."""
    page = await tab.get(path)
    found = calls_on(page)
    while more := re.search(r'hx-get="(/app/calls\?[^"]*after=[^"]*)"', page):
        page = await tab.fragment(html.unescape(more[1]))
        assert page.count("<li>") <= 25
        found += calls_on(page)
    return found


async def test_a_new_organization_is_told_what_to_do(store: Store) -> None:
    for who in (await add_account(store), await add_business(store)):
        async with dashboard(store, who) as tab:
            page = await tab.get("/app/calls")

        assert "No calls yet" in page
        assert 'href="/app/talk"' in page
        assert 'href="/app/calls/new"' in page


async def test_every_page_of_a_long_list_follows_the_one_before(store: Store) -> None:
    ada = await add_account(store)
    calls = [(await add(store, ada, ago_s=60 * position)).id for position in range(60)]

    async with dashboard(store, ada) as tab:
        assert await whole_list(tab) == calls
        assert "60 calls" in await tab.get("/app/calls")


async def test_filters_stand_in_the_address_and_in_the_form(store: Store) -> None:
    ada = await add_account(store)
    await add(store, ada)
    missed = await add(store, ada, status=CallState.MISSED, duration_ms=None)

    async with dashboard(store, ada) as tab:
        answer = await tab.client.get(
            "/app/calls?text=&direction=inbound&state=no_answer&since=nonsense&category=spaceship",
            headers={"HX-Request": "true", "Accept": "text/html"},
        )
        page = await tab.get("/app/calls?direction=inbound&state=no_answer")

    assert calls_on(answer.text) == [missed.id]
    assert answer.headers["hx-push-url"] == "/app/calls?direction=inbound&state=no_answer"
    assert calls_on(page) == [missed.id]
    assert 'value="no_answer" selected' in page


async def test_a_search_marks_what_it_found_and_leads_to_the_line(store: Store) -> None:
    ada = await add_account(store)
    call = await add(store, ada, "Good evening.", "A table on the <terrace>, please.")
    await add(store, ada, "Wrong number.")

    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/calls?text=terraces")

    assert calls_on(page) == [call.id]
    assert f'href="/app/calls/{call.id}#line-1"' in page
    assert "&lt;<mark>terrace</mark>&gt;" in page
    assert "1 call<" in page


async def test_a_list_that_nothing_fits_says_how_to_go_on(store: Store) -> None:
    ada = await add_account(store)
    await add(store, ada)

    async with dashboard(store, ada) as tab:
        searched = await tab.get("/app/calls?text=xylophone")
        filtered = await tab.get("/app/calls?state=busy")

    assert "Try fewer words" in searched
    assert "No call meets all of these filters." in filtered


async def test_calls_that_are_up_stand_on_top_and_say_when_the_list_is_old(store: Store) -> None:
    ada = await add_account(store)
    over = await add(store, ada, ago_s=600)
    live = await add(store, ada, status=CallState.IN_PROGRESS, ended_at=None, duration_ms=None)
    ringing = await add(store, ada, status=CallState.RINGING, answered_at=None, ended_at=None, duration_ms=None)

    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/calls")
        same = await tab.fragment(f"/app/calls/open?newest={over.id}")
        await add(store, ada)
        later = await tab.fragment(f"/app/calls/open?newest={over.id}")

    assert sorted(calls_on(page)[:2]) == sorted([live.id, ringing.id])
    assert calls_on(page)[2:] == [over.id]
    assert "Live now" in page
    assert "1:00" in page  # so far
    assert "newer calls" not in same
    assert "newer calls" in later


async def test_other_organizations_calls_are_on_no_page(store: Store) -> None:
    ada, bob = await add_account(store), await add_account(store, "Bob")
    call = await add(store, bob, "A table on the terrace.")
    await add(store, bob, status=CallState.IN_PROGRESS)

    async with dashboard(store, ada) as tab:
        pages = [
            await tab.get("/app/calls?text=terrace"),
            await tab.fragment("/app/calls/open"),
            (await tab.client.get("/app/calls.csv")).text,
        ]

    assert all(not calls_on(page) and OTHER not in page for page in pages)
    async with dashboard(store, bob) as tab:
        assert calls_on(await tab.get("/app/calls?text=terrace")) == [call.id]


async def test_a_plan_without_transcripts_searches_none(store: Store) -> None:
    starter = await add_business(store, Tier.STARTER)
    await add(store, starter, "A table on the terrace.", summary="Wants a table.", recording_key="a/b.wav")

    async with dashboard(store, starter) as tab:
        said = await tab.get("/app/calls?text=terrace")
        summed_up = await tab.get("/app/calls?text=wants&recorded=yes")

    assert calls_on(said) == []
    assert "Advanced plan" in said
    assert len(calls_on(summed_up)) == 1
    assert "recorded" not in summed_up


@pytest.mark.parametrize("after", ["nonsense", "bjE", ""])
async def test_a_broken_link_to_a_page_is_refused(store: Store, after: str) -> None:
    ada = await add_account(store)
    await add(store, ada)

    async with dashboard(store, ada) as tab:
        answer = await tab.client.get(f"/app/calls?after={after}", headers={"Accept": "application/json"})

    assert answer.json()["error"]["code"] == "page_invalid"


async def test_the_spreadsheet_has_the_filtered_calls_and_no_formula(store: Store) -> None:
    ada = await add_account(store)
    await add(store, ada, summary='=HYPERLINK("http://evil","free")')
    await add(store, ada, direction="outbound", to_number=OTHER, status=CallState.SUCCESS, task_outcome="achieved")

    async with dashboard(store, ada) as tab:
        answer = await tab.client.get("/app/calls.csv?direction=inbound")

    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 1
    assert rows[0]["Number"] == OTHER
    assert rows[0]["Seconds"] == "40"
    assert rows[0]["Summary"].startswith("'=HYPERLINK")


async def test_a_long_list_is_exported_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice_engine.web.dashboard.calls.list_routes.EXPORTED_AT_ONCE", 4)
    ada = await add_account(store)
    for position in range(10):
        await add(store, ada, ago_s=position)

    async with dashboard(store, ada) as tab:
        answer = await tab.client.get("/app/calls.csv?text=2125550142")

    assert len(answer.text.splitlines()) == 11


async def test_the_list_speaks_spanish(store: Store) -> None:
    ada = await add_account(store)
    await add(store, ada, status=CallState.MISSED)

    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/calls?lang=es")

    assert "Perdida" in page
    assert "1 llamada" in page


async def test_strangers_are_asked_to_sign_in(store: Store) -> None:
    async with dashboard(store, None) as tab:
        for path in ("/app/calls", "/app/calls/open", "/app/calls.csv"):
            assert (await tab.client.get(path, headers={"Accept": "text/html"})).status_code == 303


async def test_a_call_that_nobody_took_is_made_again_from_the_list(store: Store) -> None:
    ada = await add_account(store)
    busy = await add(store, ada, direction="outbound", to_number=OTHER, status=CallState.BUSY)
    erased = await add(store, ada, direction="outbound", to_number="erased", status=CallState.BUSY)
    talked = await add(store, ada, direction="outbound", to_number=OTHER, status=CallState.SUCCESS)

    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/calls")

    assert f"/app/calls/new?again={busy.id}" in page
    assert erased.id in page
    for call in (erased, talked):
        assert f"again={call.id}" not in page


@pytest.mark.parametrize(("state", "number", "offered"), [
    (CallState.MISSED, OTHER, True), (CallState.VOICEMAIL, OTHER, True),
    (CallState.MISSED, None, False), (CallState.COMPLETED, OTHER, False),
])  # fmt: skip
async def test_a_caller_whom_nobody_talked_to_is_called_back(
    store: Store, state: CallState, number: str | None, *, offered: bool
) -> None:
    """Where there is a number, and the plan places calls."""
    for who, may_call in (
        (await add_account(store), True),
        (await add_business(store, Tier.ENTERPRISE), True),
        (await add_business(store, Tier.ADVANCED), False),
    ):
        await add(store, who, status=state, from_number=number)
        async with dashboard(store, who) as tab:
            page = await tab.get("/app/calls")

        assert ("/app/calls/new?number=%2B12125550142" in page) == (offered and may_call)


async def test_a_business_reads_a_calls_length_once(store: Store) -> None:
    office = await add_business(store)
    await add(store, office, duration_ms=95_000)
    async with dashboard(store, office) as tab:
        page = await tab.get("/app/calls")

    assert "1:35" in page
    assert "1.58" not in page


async def test_home_promises_of_a_new_call_what_its_form_has(store: Store) -> None:
    """A business gives a number and no errand."""
    for who, errand in ((await add_account(store), True), (await add_business(store, Tier.ENTERPRISE), False)):
        async with dashboard(store, who) as tab:
            assert ("a table, an appointment, a room" in await tab.get("/app")) == errand


async def test_home_shows_the_latest_calls_and_those_that_are_up_first(store: Store) -> None:
    """Five, as the list has them; another organization's never; without any, what to do."""
    business, other = await add_business(store), await add_account(store)
    ended = [await add(store, business, ago_s=100 * age) for age in range(1, 7)]
    up = await add(
        store, business, ago_s=9_000,
        status=CallState.IN_PROGRESS, ended_at=None, duration_ms=None, owner="w1", owner_seen_at=NOW,
    )  # fmt: skip
    await add(store, other)

    async with dashboard(store, business) as tab:
        assert calls_on(await tab.get("/app")) == [up.id, *(call.id for call in ended[:4])]
    async with dashboard(store, await add_account(store)) as tab:
        assert "No call yet." in await tab.get("/app")
