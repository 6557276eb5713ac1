"""What is told of a call moves its row forward, once; what is asked is answered."""

import datetime as dt
import random
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW
from tests.fakes.business import Business, add_business
from tests.fakes.jobs import InlineAttempt, InlineJobs
from tests.fakes.vapi import (
    ASSISTANT_ID,
    CUSTOMER,
    OURS,
    VapiCall,
    VapiRig,
    add_assistant,
    add_number,
)
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call, CallEvent, TranscriptEntry
from voice_engine.domains.inbound.models import InboundCall
from voice_engine.domains.minutes.models import UsageEvent
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.webhooks.models import WebhookEvent
from voice_engine.domains.webhooks.service import Reply
from voice_engine.domains.webhooks.settings import FORGET, KEPT, LONGEST_CALL, REPORT_WAIT
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue

DAY = dt.timedelta(days=1)


async def all_of(store: Store, table: type[Any]) -> list[Any]:
    async with store.system("tests", writes=False) as work:
        return list(await work.session.scalars(sa.select(table)))


async def ledger(store: Store) -> list[int]:
    """Seconds of every line."""
    return sorted(line.seconds for line in await all_of(store, UsageEvent))


async def test_a_whole_call_in_order_is_one_row_with_all_that_was_told(
    rig: VapiRig, business: Business, assistant: Assistant
) -> None:
    """Documented sample: ten o'clock to five and a half minutes past is 330 s."""
    call = VapiCall()

    replies = await rig.tell(*call.whole())

    row = await rig.call()
    assert {reply.ignored for reply in replies} == {None}
    assert (row.status, row.ended_reason, row.direction, row.product) == (
        "completed",
        "respondent_hung_up",
        "inbound",
        "EPOCH",
    )
    assert (row.organization_id, row.assistant_id) == (business.organization_id, assistant.id)
    assert (row.external_id, row.engine_id) == (call.id, call.id)
    assert (row.from_number, row.to_number) == (CUSTOMER, OURS)
    assert (row.started_at, row.answered_at, row.ended_at) == (call.began, call.began, call.ended)
    assert row.duration_ms == 330_000
    assert row.summary == "The caller asked about Friday's hours."
    assert row.outcome is not None
    assert row.outcome["recording_url"] == f"https://storage.vapi.example/{call.id}.wav"
    assert row.outcome["provider_reason"] == "customer-ended-call"
    assert await ledger(rig.store) == [330]


async def test_the_transcript_is_the_reports(rig: VapiRig) -> None:
    """With its times; what is neither the caller nor the engine is no line."""
    await rig.tell(*VapiCall().whole())

    lines = sorted(await all_of(rig.store, TranscriptEntry), key=lambda line: line.position)
    assert [(line.speaker, line.text, line.start_ms, line.end_ms) for line in lines] == [
        ("AI", "Hi! How can I help?", 900, 2_400),
        ("HUMAN", "Hello, are you open on Friday?", 3_000, 4_750),
        ("AI", "Yes, from nine to five.", 6_000, 7_200),
    ]


async def test_the_journal_has_the_moments_but_no_interim_text(rig: VapiRig) -> None:
    await rig.tell(*VapiCall().whole())

    events = sorted(await all_of(rig.store, CallEvent), key=lambda event: event.sequence)
    assert [event.type for event in events] == [
        "call.ringing",
        "call.answered",
        "speech.updated",
        "speech.updated",
        "turn.ai",
        "turn.human",
        "barge_in",
        "conversation.updated",
        "signal",
        "call.ended",
    ]


async def test_a_live_call_shows_its_lines_as_they_come(rig: VapiRig) -> None:
    call = VapiCall()

    await rig.tell(call.started(), call.said("assistant", "Hi!", 1.0), call.said("user", "Hello.", 2.5))

    lines = sorted(await all_of(rig.store, TranscriptEntry), key=lambda line: line.position)
    assert [(line.speaker, line.text, line.start_ms) for line in lines] == [
        ("AI", "Hi!", 1_000),
        ("HUMAN", "Hello.", 2_500),
    ]
    assert (await rig.call()).status == "in_progress"


@pytest.mark.parametrize("seed", range(12))
async def test_in_any_order_and_twice_it_comes_to_the_same(rig: VapiRig, seed: int) -> None:
    """Report before start, end after report, everything again."""
    call, chance = VapiCall(), random.Random(seed)
    messages = call.whole() * 2
    chance.shuffle(messages)

    await rig.tell(*messages)

    row = await rig.call()
    assert (row.status, row.ended_reason, row.duration_ms) == ("completed", "respondent_hung_up", 330_000)
    assert (row.started_at, row.answered_at, row.ended_at) == (call.began, call.began, call.ended)
    assert row.summary == "The caller asked about Friday's hours."
    assert len(await all_of(rig.store, TranscriptEntry)) == 3
    assert [event.type for event in await all_of(rig.store, CallEvent)].count("call.ended") == 1
    assert await ledger(rig.store) == [330]


async def test_a_repeated_message_is_told_so(rig: VapiRig) -> None:
    """A status is repeated whatever its time-stamp is, a moment by it."""
    call = VapiCall()
    await rig.tell(call.status("in-progress", 0), call.said("user", "Hello.", 2.0), call.report())

    again = await rig.tell(call.status("in-progress", 7), call.said("user", "Hello.", 2.0), call.report())
    other = await rig.tell(call.said("user", "Hello.", 3.0))

    assert [reply.ignored for reply in again] == ["duplicate"] * 3
    assert other == [Reply()]


async def test_status_never_goes_back(rig: VapiRig) -> None:
    call = VapiCall()
    await rig.tell(call.status("in-progress", 0))

    await rig.tell(call.status("ringing", -3), call.status("queued", -5))
    live = (await rig.call()).status
    await rig.tell(call.report(), call.status("forwarding", 5))

    assert live == "in_progress"
    assert (await rig.call()).status == "completed"
    assert (await rig.call()).handled_by is None


@pytest.mark.parametrize(
    ("word", "state"),
    [("scheduled", "scheduled"), ("queued", "queued"), ("ringing", "ringing"), ("in-progress", "in_progress")],
)
async def test_each_status_begins_a_call_where_it_stands(rig: VapiRig, word: str, state: str) -> None:
    await rig.tell(VapiCall().status(word))

    assert (await rig.call()).status == state


async def test_a_call_that_is_heard_of_in_the_middle_was_answered(rig: VapiRig) -> None:
    """Its answer is put right when it is told."""
    call = VapiCall()
    await rig.tell(call.said("user", "Hello.", 20.0))
    before = (await rig.call()).answered_at

    await rig.tell(call.status("in-progress"), call.started())

    assert before == call.began + dt.timedelta(seconds=20)
    assert (await rig.call()).answered_at == call.began
    events = sorted(await all_of(rig.store, CallEvent), key=lambda event: event.sequence)
    assert [event.type for event in events] == ["call.answered", "turn.human"]


async def test_a_call_rings_while_its_assistant_is_asked_for(rig: VapiRig) -> None:
    await rig.tell(VapiCall().message("assistant-request"))

    row = await rig.call()
    assert (row.status, row.answered_at) == ("ringing", None)


@pytest.mark.parametrize(
    ("kind", "reason", "state", "why", "seconds"),
    [
        ("inboundPhoneCall", "silence-timed-out", "completed", "silence", 330),
        ("inboundPhoneCall", "assistant-forwarded-call", "completed", "transferred", 330),
        (
            "inboundPhoneCall",
            "call.in-progress.error-pipeline-no-available-llm-model",
            "missed",
            "engine_failed",
            330,
        ),
        ("outboundPhoneCall", "assistant-ended-call", "success", "completed", 330),
        ("outboundPhoneCall", "exceeded-max-duration", "success", "max_duration", 330),
        ("outboundPhoneCall", "voicemail", "voicemail", "voicemail", 330),
        ("outboundPhoneCall", "customer-busy", "busy", "busy", None),
        ("outboundPhoneCall", "customer-did-not-answer", "no_answer", "no_answer", None),
        ("outboundPhoneCall", "twilio-failed-to-connect-call", "failed", "carrier_failed", None),
        ("webCall", "something-invented-tomorrow", "completed", "completed", 330),
    ],
)
async def test_reasons_are_told_in_our_words_and_only_talk_is_booked(
    rig: VapiRig, kind: str, reason: str, state: str, why: str, seconds: int | None
) -> None:
    await rig.tell(VapiCall(kind=kind, reason=reason).report())

    row = await rig.call()
    assert (row.status, row.ended_reason) == (state, why)
    assert row.direction == ("outbound" if kind.startswith("outbound") else "inbound")
    assert row.channel == ("BROWSER" if kind == "webCall" else "PSTN")
    assert await ledger(rig.store) == ([] if seconds is None else [seconds])


async def test_an_end_shows_at_once_and_waits_for_its_report(rig: VapiRig) -> None:
    """Its length is known, its bill is the report's."""
    call = VapiCall()

    await rig.tell(call.started(), call.over())

    row = await rig.call()
    assert (row.status, row.duration_ms, row.outcome) == ("completed", 330_000, None)
    assert await ledger(rig.store) == []


async def test_a_report_that_never_comes_is_replaced_by_the_times_that_were_told(rig: VapiRig) -> None:
    """And one that comes after all changes nothing any more."""
    call = VapiCall()
    jobs = InlineJobs(rig.store, rig.kinds, now=rig.clock)
    await rig.tell(call.started(), call.over())
    rig.now += REPORT_WAIT + dt.timedelta(minutes=1)

    await jobs.run_due()
    booked = await ledger(rig.store)
    await rig.tell(call.report())

    assert booked == [330]
    assert await ledger(rig.store) == [330]
    assert (await rig.call()).status == "completed"


async def test_a_call_that_never_ends_is_given_up_and_free(rig: VapiRig) -> None:
    jobs = InlineJobs(rig.store, rig.kinds, now=rig.clock)
    await rig.tell(VapiCall().started())
    rig.now += LONGEST_CALL - dt.timedelta(hours=1)
    await jobs.run_due()
    before = (await rig.call()).status
    rig.now += dt.timedelta(hours=2)

    await jobs.run_due()

    assert before == "in_progress"
    assert (await rig.call()).ended_reason == "engine_failed"
    assert await ledger(rig.store) == []


async def test_a_report_without_times_is_booked_by_its_seconds(rig: VapiRig) -> None:
    """`durationSeconds` is sent in practice, though no type has it."""
    timeless = VapiCall(id="c1").report(startedAt=None, endedAt=None, durationSeconds=61.4)
    begun = VapiCall(id="c2").report(endedAt=None, durationSeconds=90)

    await rig.tell(timeless, begun)

    assert await ledger(rig.store) == [61, 90]
    assert (await rig.call("c1")).duration_ms == 61_400
    assert (await rig.call("c2")).ended_at == NOW + dt.timedelta(seconds=90)


async def test_a_report_with_its_text_alone_has_lines_too(rig: VapiRig) -> None:
    artifact = {"transcript": "AI: Hi!\nUser: Hello.\nUser: It is me:\nPat.\n"}

    await rig.tell(VapiCall().report(artifact=artifact))

    lines = sorted(await all_of(rig.store, TranscriptEntry), key=lambda line: line.position)
    assert [(line.speaker, line.text) for line in lines] == [
        ("AI", "Hi!"),
        ("HUMAN", "Hello."),
        ("HUMAN", "It is me: Pat."),
    ]


async def test_nobodys_assistant_is_ignored_and_its_talk_not_kept(rig: VapiRig) -> None:
    call = VapiCall(assistant_id="somebody-elses")

    replies = await rig.tell(call.started(), call.report())

    assert [reply.ignored for reply in replies] == ["unknown_assistant"] * 2
    assert await all_of(rig.store, Call) == []
    events = await all_of(rig.store, WebhookEvent)
    assert {event.organization_id for event in events} == {None}
    assert CUSTOMER not in str([event.payload for event in events])


async def test_an_assistant_that_is_registered_later_gets_what_is_told_again(
    rig: VapiRig, business: Business
) -> None:
    """The message was remembered as nobody's, which makes it no repeat."""
    call = VapiCall(assistant_id="vapi_new")
    await rig.tell(call.report())
    await add_assistant(rig.store, business, "vapi_new", is_primary=False)

    (reply,) = await rig.tell(call.report())

    assert reply == Reply()
    assert await ledger(rig.store) == [330]


async def test_another_tenants_assistant_cannot_reach_a_call(rig: VapiRig) -> None:
    """The same call id under another organization's assistant changes nothing."""
    call = VapiCall()
    await rig.tell(call.started())
    other = await add_business(rig.store, name="Rival Dental")
    await add_assistant(rig.store, other, "vapi_rival")

    replies = await rig.tell(VapiCall(assistant_id="vapi_rival").report())

    assert [reply.ignored for reply in replies] == ["unknown_assistant"]
    assert (await rig.call()).status == "in_progress"
    assert await ledger(rig.store) == []


async def test_a_call_without_an_assistants_name_belongs_to_the_dialled_number(
    rig: VapiRig, business: Business, assistant: Assistant
) -> None:
    """And one of our numbers has an inbound half, for the other surface's lists."""
    number = await add_number(rig.store, business)

    await rig.tell(VapiCall(assistant_id=None).started())

    row = await rig.call()
    assert (row.organization_id, row.assistant_id) == (business.organization_id, assistant.id)
    (half,) = await all_of(rig.store, InboundCall)
    assert (half.call_id, half.number_id, half.caller_name) == (row.id, number.id, "Pat Doe")


async def test_what_nobody_knows_is_stored_and_begins_no_call(rig: VapiRig) -> None:
    message = VapiCall().message("language-change-detected", 3.0, language="es")

    replies = await rig.tell(message, message, VapiCall().status("deletion-failed"))

    assert [reply.ignored for reply in replies] == ["unknown_type", "duplicate", "unknown_type"]
    events = await all_of(rig.store, WebhookEvent)
    assert sorted(event.type for event in events) == ["language-change-detected", "status-update"]
    assert "es" not in [event.payload.get("language") for event in events], "it belongs to no call, to go with it"
    assert await all_of(rig.store, Call) == []


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        {},
        {"message": None},
        {"message": {}},
        {"message": {"type": 5}},
        {"message": {"type": ""}},
        {"message": {"type": "x" * 65}},
        {"message": {"type": "end-of-call-report"}},
        {"message": {"type": "status-update", "call": {"id": "no spaces here"}}},
        {"message": {"type": "status-update", "call": {"id": "x" * 65}}},
        {"message": {"type": "status-update", "call": {"id": 5}}},
    ],
)
async def test_what_is_no_message_changes_nothing(rig: VapiRig, payload: Any) -> None:
    assert await rig.intake.take(payload) == Reply(ignored="malformed")
    assert await all_of(rig.store, WebhookEvent) == []


async def test_our_own_call_is_ended_by_our_own_engine(rig: VapiRig, business: Business) -> None:
    """A report from outside is only remembered as the carrier's word, for when the engine's is lost."""
    row = await _our_call(rig, business)

    await rig.tell(VapiCall(id=row.id).report())

    after = await rig.call(row.id)
    assert (after.status, after.carrier_seconds) == ("in_progress", 330)
    assert after.external_id is None
    assert await ledger(rig.store) == []


async def test_messages_are_forgotten_in_time(rig: VapiRig) -> None:
    call = VapiCall()
    await rig.tell(call.started())
    rig.now += KEPT + DAY
    await rig.tell(VapiCall(id="later").started())
    async with rig.store.system("tests") as work:
        await enqueue(work, Job(kind=FORGET))

    handler = next(kind.handler for kind in rig.kinds if kind.name == FORGET)
    await handler.run({}, InlineAttempt(job_id="1", number=1, most=1))

    (left,) = await all_of(rig.store, WebhookEvent)
    assert left.payload["call"]["id"] == "later"
    assert rig.cron.kind == FORGET


class TestAssistantRequest:
    """Who answers the dialled number."""

    async def test_the_numbers_assistant_answers(self, rig: VapiRig, business: Business) -> None:
        second = await add_assistant(rig.store, business, "vapi_second", is_primary=False)
        number = await add_number(rig.store, business, assistant=second)
        by_digits = VapiCall(id="c1", assistant_id=None)
        by_id = VapiCall(id="c2", assistant_id=None, number=None, number_id=number.id)

        replies = await rig.tell(by_digits.message("assistant-request"), by_id.message("assistant-request"))

        assert replies == [Reply(assistant_id="vapi_second")] * 2
        assert (await rig.call("c1")).assistant_id == second.id

    async def test_else_the_organizations_usual_one(self, rig: VapiRig, business: Business) -> None:
        await add_number(rig.store, business)

        (reply,) = await rig.tell(VapiCall(assistant_id=None).message("assistant-request"))

        assert reply == Reply(assistant_id=ASSISTANT_ID)

    async def test_a_number_that_is_nobodys_gets_an_error(self, rig: VapiRig) -> None:
        (reply,) = await rig.tell(VapiCall(assistant_id=None).message("assistant-request"))

        assert (reply.ignored, reply.assistant_id) == ("unknown_assistant", None)
        assert reply.error

    async def test_without_minutes_nobody_answers(self, store: Store) -> None:
        business = await add_business(store, Tier.FREE)
        await add_assistant(store, business)
        await add_number(store, business)
        rig = VapiRig(store)
        await rig.tell(VapiCall(talked_s=600).report())

        (reply,) = await rig.tell(VapiCall(id="next", assistant_id=None).message("assistant-request"))

        assert reply.error == "the minutes of this cycle are used up"


async def test_a_transfer_goes_to_the_organizations_number(rig: VapiRig, business: Business) -> None:
    (without,) = await rig.tell(VapiCall().message("transfer-destination-request"))
    await _set_transfer(rig.store, business, "+14155550177")

    (reply,) = await rig.tell(VapiCall().message("transfer-destination-request"))

    assert without.error == "no transfer number is set"
    assert reply == Reply(destination="+14155550177")


async def _set_transfer(store: Store, business: Business, number: str) -> None:
    async with store.begin(business.organization_id) as work:
        organization = await work.session.get(Organization, business.organization_id)
        assert organization is not None
        organization.transfer_number = number


async def _our_call(rig: VapiRig, business: Business) -> Call:
    """A call that our engine holds now."""
    row = Call(
        product="EPOCH",
        direction="inbound",
        provider_sid="CA1",
        from_number=CUSTOMER,
        to_number=OURS,
        status="in_progress",
        created_at=NOW,
        started_at=NOW,
        answered_at=NOW,
        owner="w1",
        timezone="America/New_York",
        language="en",
        app_language="en",
        max_seconds=900,
    )
    async with rig.store.begin(business.organization_id) as work:
        work.session.add(row)
    return row
