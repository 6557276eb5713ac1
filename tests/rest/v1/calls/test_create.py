"""POST /v1/calls: every documented refusal, in its order, and nothing done before the last check."""

import asyncio
import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.api import code_of
from tests.fakes.calls import CALLEE, body
from tests.rest.v1.calls.conftest import Surface
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.safety import service as safety
from voice_engine.domains.usage.plans import PlanType
from voice_engine.ports.jobs import JOBS_TOPIC
from voice_engine.ports.telephony import CallStatus

LONG = "x" * 201
_ASYNC = {"Prefer": "respond-async"}


def _let_it_wait(surface: Surface) -> None:
    """A POST waits for the end of its call, as it does outside of tests."""
    service = surface.rig.service
    service.settings = replace(service.settings, sync_wait_s=30.0)


async def test_a_call_is_made_as_asked(surface: Surface) -> None:
    """The answer has every key, the submission comes back as it was stored."""
    made = await surface.api.post("/v1/calls", json=body(session_id="s-1", additional_instructions=["a window"]))

    call = made.json()
    assert made.status_code == 201
    assert (call["status"], call["credits_used"], call["duration_seconds"]) == ("queued", 0, None)
    assert call["submission"]["respondent_phone"] == CALLEE
    assert (call["submission"]["language"], call["submission"]["call_language"]) == ("en", "en")
    assert call["submission"]["additional_instructions"] == ["a window"]
    assert call["metadata"]["session_id"] == "s-1"
    assert (call["metadata"]["timezone"], call["metadata"]["attempt"]) == ("America/New_York", 1)
    assert "idempotent-replayed" not in made.headers
    assert await surface.rig.balance() == ("0.00", "2.50")


async def test_a_request_waits_for_the_end_of_its_call(surface: Surface) -> None:
    """Prefer: wait=N bounds the wait; the finished call is in the answer."""
    rig = surface.rig
    _let_it_wait(surface)

    with rig.bus.subscribe(JOBS_TOPIC) as queued:
        async with asyncio.TaskGroup() as tasks:
            made = tasks.create_task(surface.api.post("/v1/calls", json=body(), headers={"Prefer": "wait=20"}))
            assert await queued.wait(5.0)
            (row,) = await rig.jobs.waiting("call.dial")
            await rig.jobs.run_due()
            await rig.says(await rig.attempt(row.payload["call_id"]), CallStatus.BUSY, sequence=2)

    call = made.result().json()
    assert (call["status"], call["metadata"]["end_reason"]) == ("busy", "busy")


async def test_an_async_request_is_answered_at_once(surface: Surface) -> None:
    """Prefer: respond-async."""
    _let_it_wait(surface)

    async with asyncio.timeout(5):
        made = await surface.api.post("/v1/calls", json=body(), headers={"Prefer": "respond-async"})

    assert made.json()["status"] == "queued"


SHAPE: tuple[dict[str, Any], ...] = (
    {"task_category": "bakery"},
    {"task_category": ...},
    {"task_description": ""},
    {"task_description": "x" * 4001},
    {"task_description": ...},
    {"task_description": 7},
    {"task_description": "nul \0"},
    {"business_name": LONG},
    {"user_name": ["John"]},
    {"user_phone": "call me"},
    {"party_size": 0},
    {"party_size": 51},
    {"party_size": "4"},
    {"party_size": 4.5},
    {"is_urgent": "yes"},
    {"additional_instructions": "none"},
    {"additional_instructions": ["x"] * 21},
    {"time_preference_text": LONG},
    {"session_id": "x" * 129},
)


@pytest.mark.parametrize("fields", SHAPE, ids=str)
async def test_a_body_of_another_shape_is_400(surface: Surface, fields: dict[str, Any]) -> None:
    """All faults of shape have one code, whatever framework noticed them."""
    refused = await surface.api.post("/v1/calls", json=body(**fields))

    assert (refused.status_code, code_of(refused)) == (400, "validation_error")
    assert refused.json()["error"]["details"]["fields"]


async def test_every_field_at_fault_is_named(surface: Surface) -> None:
    """Not the first only."""
    refused = await surface.api.post("/v1/calls", json=body(party_size=0, task_category="bakery"))

    fields = {fault["field"] for fault in refused.json()["error"]["details"]["fields"]}
    assert fields == {"submission.party_size", "submission.task_category"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"call"', b'{"submission": null}'])
async def test_what_is_no_such_document_is_400(surface: Surface, content: bytes) -> None:
    """Malformed JSON, and JSON of another kind."""
    refused = await surface.api.post("/v1/calls", content=content, headers={"Content-Type": "application/json"})

    assert (refused.status_code, code_of(refused)) == (400, "validation_error")


JUDGED: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"goal_id": "9b2ad5a6-0000-4000-8000-000000000000"}, 404, "goal_not_found"),
    ({"goal_id": "no id"}, 404, "goal_not_found"),
    ({"respondent_phone": ...}, 422, "missing_phone_number"),
    ({"respondent_phone": None}, 422, "missing_phone_number"),
    ({"respondent_phone": "  "}, 422, "missing_phone_number"),
    ({"respondent_phone": 14155551234}, 422, "missing_phone_number"),
    ({"respondent_phone": "9-1-1"}, 422, "emergency_number"),
    ({"respondent_phone": "5551234567"}, 422, "invalid_phone_number"),
    ({"respondent_phone": "+1415\0551234"}, 422, "invalid_phone_number"),
    ({"respondent_phone": "+19005551234"}, 422, "toll_number"),
    ({"respondent_phone": "+861012345678"}, 403, "unsupported_country"),
    ({"language": "fr"}, 422, "unsupported_language"),
    ({"call_language": 5}, 422, "unsupported_language"),
    ({"appointment_date": "2026-02-31"}, 422, "scheduling_violation"),
    ({"appointment_date": "14.2.2026"}, 422, "scheduling_violation"),
    ({"appointment_date": 20260214}, 422, "scheduling_violation"),
    ({"appointment_date": "2026-02-12"}, 422, "scheduling_violation"),
    ({"appointment_date": "2026-02-13", "appointment_time": "10:00"}, 422, "scheduling_violation"),
    ({"appointment_date": "2026-03-08", "appointment_time": "02:30"}, 422, "scheduling_violation"),
    ({"appointment_time": "25:00"}, 422, "scheduling_violation"),
    ({"timezone": "Mars/Olympus"}, 422, "scheduling_violation"),
    ({"timezone": 5}, 422, "scheduling_violation"),
    ({"timezone": "../etc/passwd"}, 422, "scheduling_violation"),
    ({"scheduled_at": "2026-02-13T10:00:00-05:00"}, 422, "scheduling_violation"),
    ({"scheduled_at": "2026-02-14T10:00:00"}, 422, "scheduling_violation"),
    ({"scheduled_at": "9999-12-31T23:59:59-12:00"}, 422, "scheduling_violation"),
    ({"scheduled_at": "2028-02-14T10:00:00Z"}, 422, "scheduling_violation"),
    ({"task_description": "Call and threaten him until he pays"}, 422, "safety_violation"),
    ({"task_description": "Ask her for the one-time password of her bank"}, 422, "safety_violation"),
)


@pytest.mark.parametrize(("fields", "status", "code"), JUDGED, ids=lambda value: str(value)[:60])
async def test_what_may_not_be_called_is_refused(
    surface: Surface, fields: dict[str, Any], status: int, code: str
) -> None:
    """Each with its own code, and nothing is held, stored or queued."""
    refused = await surface.api.post("/v1/calls", json=body(**fields))

    assert (refused.status_code, code_of(refused)) == (status, code)
    assert await surface.rig.jobs.waiting() == []
    assert await surface.rig.balance() == ("0.00", "0.00")
    assert (await surface.api.get("/v1/calls")).json()["total"] == 0


async def test_lists_trial_and_consent_refuse(surface: Surface) -> None:
    """What is no property of the request."""
    rig = surface.rig
    async with rig.store.begin(rig.account.organization_id) as work:
        await safety.suppress(work, "+14155550001", now=rig.now)
        await safety.block(work, "+14155550002", reason="fraud", now=rig.now)
        await rig.usage.accounts.start_plan(work, PlanType.TRIAL)

    suppressed = await surface.api.post("/v1/calls", json=body(respondent_phone="+14155550001"))
    blocked = await surface.api.post("/v1/calls", json=body(respondent_phone="+14155550002"))
    abroad = await surface.api.post("/v1/calls", json=body(respondent_phone="+34910123456"))
    async with rig.store.begin(rig.account.organization_id) as work:
        await accounts.set_consent(work, rig.account.user_id, given=False, now=rig.now)
    unwilling = await surface.api.post("/v1/calls", json=body())

    assert (suppressed.status_code, code_of(suppressed)) == (403, "suppression_violation")
    assert (blocked.status_code, code_of(blocked)) == (403, "blocked_number")
    assert (abroad.status_code, code_of(abroad)) == (403, "country_restriction")
    assert (unwilling.status_code, code_of(unwilling)) == (422, "consent_denied")


async def test_who_has_no_credits_left_is_told_so(surface: Surface) -> None:
    """402 with the keys of both references."""
    rig = surface.rig
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.usage.accounts.start_plan(work, PlanType.TRIAL)
    answers = [await surface.api.post("/v1/calls", json=body()) for _ in range(13)]

    assert [answer.status_code for answer in answers] == [201] * 12 + [402]
    assert code_of(answers[-1]) == "quota_exceeded"
    assert answers[-1].json()["plan_type"] == "trial"


ORDER: tuple[tuple[dict[str, Any], str], ...] = (
    ({"task_category": "bakery"}, "validation_error"),
    ({"goal_id": "x"}, "goal_not_found"),
    ({"respondent_phone": "911"}, "emergency_number"),
    ({"language": "fr"}, "unsupported_language"),
    ({"timezone": "Mars/Olympus"}, "scheduling_violation"),
    ({"task_description": "threaten him"}, "safety_violation"),
)


@pytest.mark.parametrize("first", range(len(ORDER)))
async def test_of_several_faults_the_first_in_the_contracts_order_is_told(surface: Surface, first: int) -> None:
    """Section 7 of the contract's notes: shape, resources, number, language, schedule, safety."""
    faults: dict[str, Any] = {}
    for fields, _ in ORDER[first:]:
        faults |= fields

    refused = await surface.api.post("/v1/calls", json=body(**faults))

    assert code_of(refused) == ORDER[first][1]


async def test_outside_calling_hours_a_call_waits_for_the_morning(surface: Surface) -> None:
    """Unless it is urgent. No POST waits for it."""
    _let_it_wait(surface)
    surface.rig.now = dt.datetime(2026, 2, 14, 3, 0, tzinfo=dt.UTC)  # 22:00 in New York

    async with asyncio.timeout(5):
        later = (await surface.api.post("/v1/calls", json=body())).json()
    urgent = (await surface.api.post("/v1/calls", json=body(is_urgent=True), headers=_ASYNC)).json()

    assert (later["status"], later["metadata"]["scheduled_at"]) == ("scheduled", "2026-02-14T13:00:00Z")
    assert (urgent["status"], urgent["metadata"]["scheduled_at"]) == ("queued", None)


async def test_20_requests_with_one_key_make_one_call(surface: Surface) -> None:
    """One call, one dial, one hold; all get its answer; another body under that key is refused."""
    headers = {"Idempotency-Key": "k-1", **_ASYNC}

    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(surface.api.post("/v1/calls", json=body(), headers=headers)) for _ in range(20)]
    await surface.rig.jobs.run_due()
    other_body = await surface.api.post("/v1/calls", json=body(party_size=5), headers=headers)
    again = await surface.api.post("/v1/calls", json=body(), headers=headers)

    answers = [task.result() for task in asked]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["call_id"] for answer in [*answers, again]}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert len(surface.rig.telephony.orders) == 1
    assert await surface.rig.balance() == ("0.00", "2.50")
    assert (other_body.status_code, code_of(other_body)) == (409, "idempotency_conflict")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["metadata"]["idempotent_replay"] is True
    assert again.json()["status"] == "in_progress"


async def test_a_refused_request_may_be_mended_under_its_key(surface: Surface) -> None:
    """Refusals before any effect are not kept."""
    headers = {"Idempotency-Key": "k-2"}

    refused = await surface.api.post("/v1/calls", json=body(respondent_phone="911"), headers=headers)
    mended = await surface.api.post("/v1/calls", json=body(), headers=headers)

    assert (refused.status_code, mended.status_code) == (422, 201)


async def test_a_key_is_its_owners_and_lives_a_day(surface: Surface) -> None:
    """Another person's same key is another request; so is the same one the day after."""
    headers = {"Idempotency-Key": "k-3"}

    mine = await surface.api.post("/v1/calls", json=body(), headers=headers)
    his = await surface.other.post("/v1/calls", json=body(), headers=headers)
    surface.rig.now += dt.timedelta(hours=24, seconds=1)
    tomorrow = await surface.api.post(
        "/v1/calls",
        json=body(appointment_date="2026-02-20", appointment_time=None),
        headers={"Idempotency-Key": "k-3"},
    )

    assert len({answer.json()["call_id"] for answer in (mine, his, tomorrow)}) == 3


async def test_a_gpt_that_repeats_itself_makes_one_call(surface: Surface) -> None:
    """Its key follows from the body for ten minutes; another client's two equal requests are two calls."""
    first = await surface.gpt.post("/v1/calls", json=body())
    repeated = await surface.gpt.post("/v1/calls", json=body())
    differs = await surface.gpt.post("/v1/calls", json=body(party_size=5))
    surface.rig.now += dt.timedelta(minutes=10, seconds=1)
    later = await surface.gpt.post("/v1/calls", json=body())
    plain = [await surface.api.post("/v1/calls", json=body()) for _ in range(2)]

    assert repeated.json()["call_id"] == first.json()["call_id"]
    assert repeated.headers["idempotent-replayed"] == "true"
    made = {answer.json()["call_id"] for answer in (first, differs, later, *plain)}
    assert len(made) == 5


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_of_no_or_too_many_characters_is_400(surface: Surface, key: str) -> None:
    """1 to 255."""
    refused = await surface.api.post("/v1/calls", json=body(), headers={"Idempotency-Key": key})

    assert (refused.status_code, code_of(refused)) == (400, "validation_error")


ODD = ('"\\ud800"', "NaN", "Infinity", "-1e400", "1e400", '"\\u0000"', '{"a": [1]}', "[]", "true", '""', "9" * 400)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "field",
    ["respondent_phone", "language", "call_language", "appointment_date", "appointment_time", "task_description",
     "timezone", "scheduled_at", "goal_id", "session_id", "party_size", "user_phone"],
)  # fmt: skip
async def test_no_json_value_breaks_a_request(surface: Surface, field: str, odd: str) -> None:
    """Half surrogates, numbers beyond numbers, NUL: refused or taken, never a 500, with a key and without."""
    text = json.dumps(body(**{field: "@"})).replace('"@"', odd)
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k", **_ASYNC}

    answer = await surface.api.post("/v1/calls", content=text, headers=headers)

    assert answer.status_code in {201, 400, 404, 422}
