"""The overview: who answers, what is missing, today's calls; of a business and of a person."""

import datetime as dt

from tests.fakes.accounts import NOW, add_account
from tests.fakes.assistants import call_of, number_of
from tests.fakes.business import Business
from tests.fakes.dashboard import dashboard
from tests.web.dashboard.reception.rig import Desk
from voice_engine.ports.call import GreetingMode
from voice_engine.store.engine import Store


async def _add(desk: Desk, business: Business, *rows: object) -> None:
    async with desk.store.begin(business.organization_id) as work:
        work.session.add_all(rows)


async def test_a_new_business_sees_what_is_missing_and_where(desk: Desk) -> None:
    business = await desk.add_business(assistant=False)
    async with desk.tab(business) as tab:
        page = await tab.get("/app/reception")

    assert "There is no assistant yet" in page
    for path in ("assistant", "business", "knowledge"):
        assert f'href="/app/reception/{path}"' in page
    assert "Nobody has called today" in page


async def test_whoever_has_nobody_to_talk_to_is_not_sent_to_talk(desk: Desk) -> None:
    """The menu has it; the buttons of home, figures and reception lead to what comes first."""
    without, with_one = await desk.add_business(assistant=False), await desk.add_business()
    for business, links in ((without, 1), (with_one, 2)):
        async with desk.tab(business) as tab:
            for path in ("/app", "/app/figures", "/app/reception"):
                page = await tab.get(path)
                assert min(2, page.count('href="/app/talk"')) == links, path
                assert (">Create the assistant</a>" in page) is (business is without), path


async def test_without_a_number_one_gets_one(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        page = await tab.get("/app/reception")

    assert "No number" in page
    assert 'href="/app/numbers"' in page
    assert "Get a number</a>" in page


async def test_how_a_call_begins_is_told_as_it_is(desk: Desk) -> None:
    business, greeting = await desk.add_business(), "This is Savannah, the AI assistant"
    for mode, words in (
        (GreetingMode.CALLER_FIRST, "it waits for the caller to speak"),
        (GreetingMode.ASSISTANT_FIRST_GENERATED, "Words of its own"),
    ):
        async with desk.store.begin(business.organization_id) as work:
            await desk.assistants.set_first_message(work, mode, None)
        async with desk.tab(business) as tab:
            page = await tab.get("/app/reception")
        assert words in page
        assert (greeting in page) is (mode is not GreetingMode.CALLER_FIRST)


async def test_an_answered_number_says_by_whom_and_with_which_words(desk: Desk) -> None:
    business = await desk.add_business()
    assistant = await desk.assistant(business)
    await _add(desk, business, number_of("+14155550100", assistant.id))
    async with desk.tab(business) as tab:
        page = await tab.get("/app/reception")

    assert "+1 415-555-0100" in page
    assert "answered by Front desk" in page
    assert "This is Savannah, the AI assistant" in page


async def test_todays_calls_are_those_since_the_business_s_midnight(desk: Desk) -> None:
    business = await desk.add_business(timezone="America/New_York")
    assistant = await desk.assistant(business)
    today = call_of(assistant.id, at=NOW)
    today.from_number = "+14155550123"
    yesterday = call_of(assistant.id, at=NOW - dt.timedelta(hours=20))
    yesterday.from_number = "+14155550199"
    await _add(desk, business, today, yesterday)
    async with desk.tab(business) as tab:
        page = await tab.get("/app/reception")

    assert "+1 415-555-0123" in page
    assert "+1 415-555-0199" not in page
    assert "1 in all, 0 missed" in page


async def test_another_business_s_calls_and_numbers_are_not_shown(desk: Desk) -> None:
    ours, theirs = await desk.add_business(), await desk.add_business(name="Cut & Co")
    await _add(desk, theirs, number_of("+14155550177", None), call_of((await desk.assistant(theirs)).id))
    async with desk.tab(ours) as tab:
        page = await tab.get("/app/reception")

    assert "+1 415-555-0177" not in page
    assert "Nobody has called today" in page


async def test_a_person_sees_the_tabs_that_concern_them(store: Store) -> None:
    ada = await add_account(store)
    async with dashboard(store, ada) as tab:
        page = await tab.get("/app/reception")
        await tab.get("/app/reception/assistant", status=403)

    assert 'href="/app/rules"' in page
    assert 'href="/app/reception/assistant"' not in page
    assert 'href="/app/reception/knowledge"' not in page
