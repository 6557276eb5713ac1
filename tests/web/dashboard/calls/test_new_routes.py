"""A new call: what the form says while it is typed, that it is sent once, and what can be changed after."""

import datetime as dt
import html
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW, add_account
from tests.fakes.answering import open_business_line
from tests.fakes.calls import CALLEE, CallsRig, new_call, open_calls, report
from tests.web.dashboard.calls.rig import business_tab, person_tab
from voice_engine.domains.accounts.models import User
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import CallState
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.safety import service as safety
from voice_engine.domains.usage.plans import PlanType
from voice_engine.store.engine import Store

NEW_YORK = "+12125550142"
"""Half past ten in the morning at `NOW`; `CALLEE` is in San Francisco, where it is half past seven."""


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> CallsRig:
    return await open_calls(store, tmp_path)


def form(**fields: Any) -> dict[str, Any]:
    """What a browser sends for a table for four."""
    return {
        "key": "k-1",
        "task_category": "restaurant",
        "respondent_phone": NEW_YORK,
        "business_name": "Nobu",
        "task_description": "Reserve a table by the window",
        "user_name": "Ada",
        "user_phone": "",
        "call_language": "en",
        "party_size": "4",
        "appointment_date": "2026-02-14",
        "appointment_time": "20:00",
        "time_preference_text": "",
        "when": "now",
        **fields,
    }


async def calls_of(rig: CallsRig) -> list[Call]:
    async with rig.store.read(rig.account.organization_id) as work:
        return list(await work.session.scalars(sa.select(Call).order_by(Call.created_at)))


async def withdraw_consent(rig: CallsRig) -> None:
    async with rig.store.system("tests") as work:
        await work.session.execute(sa.update(User).values(consented_at=None))


def refused(page: str) -> list[str]:
    """The codes of what a page refuses."""
    return re.findall(r'data-refused="([a-z_]+)"', page)


async def test_the_form_has_every_kind_and_a_key_of_its_own(rig: CallsRig) -> None:
    async with person_tab(rig) as tab:
        page, another = await tab.get("/app/calls/new"), await tab.get("/app/calls/new?number=%2B12125550142")

    for kind in ("restaurant", "clinic", "hotel", "general"):
        assert f'value="{kind}"' in page
    keys = [re.search(r'name="key" value="([^"]+)"', each) for each in (page, another)]
    assert keys[0] is not None
    assert keys[1] is not None
    assert keys[0][1] != keys[1][1]
    assert 'value="+12125550142"' in another
    assert refused(page) == []


async def test_a_number_that_can_be_called_is_told_with_time_and_cost(rig: CallsRig) -> None:
    async with person_tab(rig) as tab:
        answer = await tab.post("/app/calls/new/check", form())

    page = html.unescape(answer.text)
    assert refused(page) == []
    assert NEW_YORK in page
    assert "10:30" in page
    assert "We call as soon as a line is free." in page
    assert "About 1.2 credits, for 2 minutes." in page


async def test_outside_calling_hours_it_is_told_when_the_call_is_made(rig: CallsRig) -> None:
    """Half past seven in San Francisco: at eight, which is eleven in New York."""
    async with person_tab(rig) as tab:
        page = (await tab.post("/app/calls/new/check", form(respondent_phone=CALLEE))).text

    assert "7:30" in page
    assert "Calls are made from" in page
    assert re.search(r"We call on Feb 13, 2026, 11:00\sAM", page)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("911", "emergency_number"),
        ("12", "invalid_phone_number"),
        ("+19005551234", "toll_number"),
        ("+8613800138000", "unsupported_country"),
    ],
)
async def test_a_number_that_is_not_called_is_refused_with_a_reason_and_a_next_step(
    rig: CallsRig, number: str, code: str
) -> None:
    async with person_tab(rig) as tab:
        english = (await tab.post("/app/calls/new/check", form(respondent_phone=number))).text
        spanish = (await tab.post("/app/calls/new/check?lang=es", form(respondent_phone=number))).text
        sent = await tab.post("/app/calls/new", form(respondent_phone=number))

    assert refused(english) == [code]
    assert english.count('<p class="soft">') > 1
    assert english != spanish
    assert sent.status_code >= 400
    assert await calls_of(rig) == []


async def test_whoever_asked_for_no_calls_is_not_called(rig: CallsRig) -> None:
    async with rig.store.begin(rig.account.organization_id) as work:
        await safety.suppress(work, NEW_YORK, now=NOW)
    async with person_tab(rig) as tab:
        page = (await tab.post("/app/calls/new/check", form())).text

    assert refused(page) == ["suppression_violation"]


async def test_words_that_are_not_passed_on_are_told_while_typing(rig: CallsRig) -> None:
    async with person_tab(rig) as tab:
        page = (await tab.post("/app/calls/new/check", form(task_description="Threaten him until he pays"))).text

    assert refused(page) == ["safety_violation"]


async def test_an_account_without_credits_is_told_before_it_calls(store: Store, tmp_path: Path) -> None:
    rig = await open_calls(store, tmp_path, plan=PlanType.TRIAL)
    for _ in range(60):
        async with person_tab(rig) as tab:
            sent = await tab.post("/app/calls/new", form(key=""))
        if sent.status_code >= 400:
            break
    async with person_tab(rig) as tab:
        page = (await tab.post("/app/calls/new/check", form())).text

    assert sent.status_code >= 400
    assert refused(page) == ["quota_exceeded"]


async def test_the_form_makes_the_call_that_the_api_would_make(rig: CallsRig) -> None:
    async with person_tab(rig) as tab:
        sent = await tab.post(
            "/app/calls/new", form(is_urgent="yes", additional_instructions="No fish.\r\nBe nice.")
        )

    (call,) = await calls_of(rig)
    assert sent.headers["hx-redirect"] == f"/app/calls/{call.id}"
    assert (call.status, call.to_number, call.category, call.is_urgent) == (
        CallState.QUEUED, NEW_YORK, "restaurant", True,
    )  # fmt: skip
    assert call.task is not None
    assert call.task["party_size"] == 4
    assert call.task["appointment_time"] == "20:00"
    assert call.task["additional_instructions"] == ["No fish.", "Be nice."]
    assert (await rig.balance())[1] != "0.00"


async def test_a_double_click_makes_one_call(rig: CallsRig) -> None:
    async with person_tab(rig) as tab:
        first, second = await tab.post("/app/calls/new", form()), await tab.post("/app/calls/new", form())
        other = await tab.post("/app/calls/new", form(business_name="Elsewhere"))

    assert len(await calls_of(rig)) == 1
    assert first.headers["hx-redirect"] == second.headers["hx-redirect"]
    assert "This form was sent already" in other.text


async def test_fields_of_another_kind_are_not_taken(rig: CallsRig) -> None:
    async with person_tab(rig) as tab:
        await tab.post("/app/calls/new", form(task_category="general"))

    (call,) = await calls_of(rig)
    assert call.task is not None
    assert (call.task["party_size"], call.task["appointment_date"]) == (None, None)


@pytest.mark.parametrize("fields", [{"party_size": "many"}, {"task_description": "  "}, {"user_phone": "<script>"}])
async def test_a_field_at_fault_is_shown_with_what_was_typed(rig: CallsRig, fields: dict[str, str]) -> None:
    async with person_tab(rig) as tab:
        sent = await tab.post("/app/calls/new", form(business_name="Casa & <b>Co</b>", **fields))

    assert sent.status_code == 422
    assert 'aria-invalid="true"' in sent.text
    assert "Casa &amp; &lt;b&gt;Co&lt;/b&gt;" in sent.text
    assert await calls_of(rig) == []


async def test_a_later_call_is_made_by_the_other_party_s_clock(rig: CallsRig) -> None:
    later = form(respondent_phone=CALLEE, when="later", later_date="2026-02-13", later_time="12:00")
    async with person_tab(rig) as tab:
        page = (await tab.post("/app/calls/new/check", later)).text
        await tab.post("/app/calls/new", later)

    (call,) = await calls_of(rig)
    assert re.search(r"We call on Feb 13, 2026, 3:00\sPM", page)
    assert call.status == CallState.SCHEDULED
    assert call.scheduled_for == dt.datetime(2026, 2, 13, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize("when", [("2026-02-12", "12:00"), ("", ""), ("2030-01-01", "12:00")])
async def test_a_time_that_cannot_be_is_refused(rig: CallsRig, when: tuple[str, str]) -> None:
    later = form(when="later", later_date=when[0], later_time=when[1])
    async with person_tab(rig) as tab:
        page = (await tab.post("/app/calls/new/check", later)).text
        sent = await tab.post("/app/calls/new", later)

    assert refused(page) == ["scheduling_violation"]
    assert sent.status_code >= 400
    assert await calls_of(rig) == []


async def test_whoever_has_not_consented_is_shown_the_step_and_can_take_it(rig: CallsRig) -> None:
    await withdraw_consent(rig)
    async with person_tab(rig) as tab:
        page = await tab.get("/app/calls/new")
        sent = await tab.post("/app/calls/new", form())
        agreed = await tab.post("/app/calls/new/consent", form())
        again = await tab.post("/app/calls/new", form(key="k-2"))

    assert "introduces itself as an AI" in page
    assert 'hx-post="/app/calls/new/consent"' in page
    assert sent.status_code >= 400
    assert "You agreed to calls on your behalf." in agreed.text
    assert "hx-redirect" in again.headers
    assert len(await calls_of(rig)) == 1


async def test_an_ended_call_fills_the_form_again(rig: CallsRig) -> None:
    call, _ = await rig.answered(new_call(business_name="Casa Lucio"))
    rig.now += dt.timedelta(minutes=5)
    await rig.lifecycle.finish(call.id, report(call.id), None)
    other = await add_account(rig.store, "Bob")
    async with person_tab(rig) as tab:
        page = await tab.get(f"/app/calls/new?again={call.id}")
    async with person_tab(rig, other) as tab:
        await tab.get(f"/app/calls/new?again={call.id}", status=404)

    assert 'value="Casa Lucio"' in page
    assert f'value="{CALLEE}"' in page
    assert "Reserve a table for 4 at 8pm" in page
    assert 'value="2026-02-14"' in page


async def test_a_day_that_is_over_is_not_asked_for_again(rig: CallsRig) -> None:
    call, _ = await rig.answered(new_call())
    await rig.lifecycle.finish(call.id, report(call.id), None)
    rig.now += dt.timedelta(days=3)
    async with person_tab(rig) as tab:
        page = await tab.get(f"/app/calls/new?again={call.id}")

    assert 'value="20:00"' in page
    assert "2026-02-14" not in page


async def test_a_waiting_call_is_moved_and_cancelled(rig: CallsRig) -> None:
    call = await rig.ask(new_call(respondent_phone=NEW_YORK, scheduled_at="2026-02-13T20:00:00+00:00"))
    async with person_tab(rig) as tab:
        assert f"/app/calls/{call.id}/reschedule" in await tab.get("/app/calls")
        assert 'value="15:00"' in await tab.get(f"/app/calls/{call.id}/reschedule")
        bad = await tab.post(f"/app/calls/{call.id}/reschedule", {"date": "2020-01-01", "time": "10:00"})
        await tab.post(f"/app/calls/{call.id}/reschedule", {"date": "2026-02-16", "time": "09:30"})
        moved = await rig.call(call.id)
        done = await tab.post(f"/app/calls/{call.id}/cancel")
        twice = await tab.post(f"/app/calls/{call.id}/cancel")

    assert bad.status_code >= 400
    assert moved.scheduled_for == dt.datetime(2026, 2, 16, 14, 30, tzinfo=dt.UTC)
    assert done.headers["hx-redirect"] == "/app/calls"
    assert (await rig.call(call.id)).status == CallState.CANCELLED
    assert twice.status_code == 409


async def test_nobody_else_s_call_is_moved_or_cancelled(rig: CallsRig) -> None:
    call = await rig.ask(new_call(scheduled_at="2026-02-13T20:00:00+00:00"))
    other = await add_account(rig.store, "Bob")
    async with person_tab(rig, other) as tab:
        for path in ("cancel", "reschedule"):
            answer = await tab.post(f"/app/calls/{call.id}/{path}", {"date": "2026-02-16", "time": "09:30"})
            assert answer.status_code == 404

    assert (await rig.call(call.id)).scheduled_for == dt.datetime(2026, 2, 13, 20, tzinfo=dt.UTC)


async def test_a_form_without_its_token_does_nothing(rig: CallsRig) -> None:
    async with person_tab(rig) as tab:
        answer = await tab.client.post("/app/calls/new", data=form(), headers={"Accept": "text/html"})

    assert answer.status_code == 403
    assert await calls_of(rig) == []


async def test_a_business_has_its_assistant_call(store: Store, tmp_path: Path) -> None:
    line = await open_business_line(store, tmp_path)
    async with business_tab(line) as tab:
        page = await tab.get("/app/calls/new")
        fine = (await tab.post("/app/calls/new/check", {"respondent_phone": NEW_YORK})).text
        bad = (await tab.post("/app/calls/new/check", {"respondent_phone": "911"})).text
        sent = [await tab.post("/app/calls/new", {"respondent_phone": NEW_YORK, "key": "k"}) for _ in range(2)]

    (call,) = await calls_of(line.calls)
    assert "calls from" in page
    assert refused(fine) == []
    assert refused(bad) == ["emergency_number"]
    assert [each.headers["hx-redirect"] for each in sent] == [f"/app/calls/{call.id}"] * 2
    assert call.assistant_id is not None


async def test_a_business_without_a_number_is_led_to_one(store: Store, tmp_path: Path) -> None:
    line = await open_business_line(store, tmp_path, number=None)
    async with business_tab(line) as tab:
        page = await tab.get("/app/calls/new")
        sent = await tab.post("/app/calls/new", {"respondent_phone": NEW_YORK, "key": "k"})

    assert refused(page) == ["no_phone_number"]
    assert 'href="/app/numbers"' in page
    assert sent.status_code == 409


async def test_a_smaller_plan_is_told_which_one_has_calls(store: Store, tmp_path: Path) -> None:
    line = await open_business_line(store, tmp_path, plan=Tier.PRO)
    async with business_tab(line) as tab:
        page = await tab.get("/app/calls/new")
        sent = await tab.post("/app/calls/new", {"respondent_phone": NEW_YORK, "key": "k"})

    assert "ENTERPRISE" in page
    assert sent.status_code in {402, 403}
    assert await calls_of(line.calls) == []
