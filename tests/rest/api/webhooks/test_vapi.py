"""`POST /api/webhooks/vapi` answers 200 to whatever arrives, and only the authentic changes a row."""

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.api import ApiClient
from tests.fakes.business import Business, add_business, business_api
from tests.fakes.vapi import OURS, VapiCall, VapiRig, add_assistant, add_number, tool_call, tool_calls
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.models import METADATA
from voice_engine.ports.knowledge import Passage
from voice_engine.rest.api.webhooks import vapi
from voice_engine.rest.api.webhooks.door import VapiDoor
from voice_engine.store.engine import Store

SECRET = "a shared secret, ñ too"
PATH = "/api/webhooks/vapi"


@asynccontextmanager
async def served(rig: VapiRig, *, secret: str | None = SECRET, is_open: bool = False) -> AsyncIterator[ApiClient]:
    """The surface with VAPI's door. The client checks each answer against the contract."""
    door = VapiDoor(intake=rig.intake, secret=secret, is_open_without_secret=is_open)
    async with business_api(rig.store, vapi=door, per_minute=1) as api:
        yield api


@pytest.fixture
async def business(store: Store) -> Business:
    """On the Pro plan, with an assistant that VAPI knows."""
    made = await add_business(store)
    await add_assistant(store, made)
    return made


@pytest.fixture
def rig(store: Store, business: Business) -> VapiRig:
    """Nothing was told yet."""
    return VapiRig(store)


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def proofs(body: bytes, secret: str = SECRET) -> dict[str, dict[bytes, bytes]]:
    """Headers by their kind of proof."""
    signature = signed(body, secret).encode()
    return {
        "secret": {b"x-vapi-secret": secret.encode()},
        "bearer": {b"authorization": b"Bearer " + secret.encode()},
        "signature": {b"x-vapi-signature": signature},
        "prefixed": {b"x-vapi-signature": b"sha256=" + signature.upper()},
    }


async def post(api: ApiClient, body: bytes, headers: Mapping[bytes, bytes] | None = None) -> dict[str, Any]:
    """Send bytes; the answer, which is 200 whatever they are."""
    sent = {b"content-type": b"application/json", **(headers or {})}
    answer = await api.request("POST", PATH, content=body, headers=sent)
    assert answer.status_code == 200
    reply: dict[str, Any] = answer.json()
    return reply


async def fingerprint(store: Store) -> str:
    """A digest of every row of every table."""
    digest = hashlib.sha256()
    async with store.system("tests", writes=False) as work:
        for table in METADATA.sorted_tables:
            rows = (await work.session.execute(sa.select(table))).all()
            digest.update(f"{table.name}:{sorted(map(repr, rows))}".encode())
    return digest.hexdigest()


@pytest.mark.parametrize("kind", ["secret", "bearer", "signature", "prefixed"])
async def test_each_proof_opens_the_door(rig: VapiRig, kind: str) -> None:
    body = json.dumps(VapiCall().report()).encode()
    async with served(rig) as api:
        assert await post(api, body, proofs(body)[kind]) == {"received": True}

    assert (await rig.call()).status == "completed"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"x-vapi-secret": b""},
        {b"x-vapi-secret": b"wrong"},
        {b"x-vapi-secret": SECRET.encode() + b"x"},
        {b"authorization": b"Bearer undefined"},
        {b"authorization": b"Bearer "},
        {b"authorization": b"Basic " + SECRET.encode()},
        {b"x-vapi-signature": b""},
        {b"x-vapi-signature": b"0" * 64},
        {b"x-vapi-signature": signed(b"another body").encode()},
        {b"x-vapi-signature": b"\xff\xfe"},
        {b"x-twilio-signature": b"x"},
    ],
)
async def test_without_proof_no_row_changes(rig: VapiRig, headers: dict[bytes, bytes]) -> None:
    """Every table has the same rows before and after."""
    body = json.dumps(VapiCall().report()).encode()
    before = await fingerprint(rig.store)
    async with served(rig) as api:
        assert await post(api, body, headers) == {"received": True, "ignored": "unauthenticated"}

    assert await fingerprint(rig.store) == before


async def test_a_signature_is_over_every_byte(rig: VapiRig) -> None:
    body = json.dumps(VapiCall().report()).encode()
    headers = proofs(body)["signature"]
    async with served(rig) as api:
        changed = await post(api, body.replace(b"330", b"331", 1) + b" ", headers)

    assert changed["ignored"] == "unauthenticated"


@pytest.mark.parametrize("secret", [None, ""])
async def test_without_a_configured_secret_only_this_machine_is_let_in(rig: VapiRig, secret: str | None) -> None:
    body = json.dumps(VapiCall().started()).encode()
    empty = {b"x-vapi-secret": b"", b"authorization": b"Bearer ", b"x-vapi-signature": signed(body, "").encode()}
    async with served(rig, secret=secret) as api:
        closed = await post(api, body, empty)
    async with served(rig, secret=secret, is_open=True) as api:
        opened = await post(api, body)

    assert closed == {"received": True, "ignored": "unauthenticated"}
    assert opened == {"received": True}


async def test_a_process_without_the_door_takes_nothing(store: Store) -> None:
    async with business_api(store) as api:
        assert (await post(api, b"{}"))["ignored"] == "unauthenticated"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"NaN",
        b'"x"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"message": ' * 5_000 + b"1" + b"}" * 5_000,
        b'{"message": {"type": "transcript", "call": {"id": "c1"}, "n": ' + b"9" * 5_000 + b"}}",
        b'{"message": {"type": "hang", "call": {"id": "' + b"x" * 200 + b'"}}}',
        b'{"message": "end-of-call-report"}',
    ],
)
async def test_garbage_changes_no_row(rig: VapiRig, body: bytes) -> None:
    before = await fingerprint(rig.store)
    async with served(rig) as api:
        reply = await post(api, body, {b"x-vapi-secret": SECRET.encode(), b"content-type": b"text/plain"})

    assert reply == {"received": True, "ignored": "malformed"}
    assert await fingerprint(rig.store) == before


async def test_a_body_is_read_up_to_its_limit(rig: VapiRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also without a length that says so beforehand."""
    monkeypatch.setattr(vapi, "MOST_BYTES", 50_000)
    body = json.dumps(VapiCall().report(filler="x" * 60_000)).encode()

    async def chunks() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), 1_000):
            yield body[start : start + 1_000]

    async with served(rig) as api:
        whole = await post(api, body, {b"x-vapi-secret": SECRET.encode()})
        async with aclosing(chunks()) as parts:
            answer = await api.post(PATH, content=parts, headers={b"x-vapi-secret": SECRET.encode()})

    assert whole == {"received": True, "ignored": "malformed"}
    assert answer.json() == whole


async def test_many_messages_of_one_sender_are_not_rationed(rig: VapiRig) -> None:
    """The surface of this test lets an address ask once a minute; a live call has many events a second."""
    call = VapiCall()
    async with served(rig) as api:
        for place in range(5):
            body = json.dumps(call.said("user", f"Line {place}.", place)).encode()
            assert await post(api, body, proofs(body)["secret"]) == {"received": True}


async def test_a_fault_of_ours_is_told_in_a_200(rig: VapiRig, store: Store) -> None:
    """And nothing of what arrived was kept."""
    body = json.dumps(VapiCall().report()).encode()
    async with store.system("tests") as work:
        await work.session.execute(sa.text("DROP TABLE webhook_events"))
    async with served(rig) as api:
        reply = await post(api, body, proofs(body)["secret"])

    assert reply["received"] is False
    assert reply["error"]


class Written:
    """What the business has written down, by words."""

    async def __call__(self, organization_id: str, assistant_id: str, query: str, *, limit: int) -> list[Passage]:
        if "park" not in query:
            return []
        return [Passage(key="parking", text="Parking is free\nbehind the house.", score=0.8)]


async def test_questions_are_answered_as_vapi_reads_them(store: Store, business: Business) -> None:
    """One after the other: assistant, tools in both spellings, the older function, transfer, knowledge."""
    rig, call = VapiRig(store, retrieve=Written()), VapiCall()
    await add_number(store, business, OURS)
    async with store.begin(business.organization_id) as work:
        organization = await work.session.get(Organization, business.organization_id)
        assert organization is not None
        organization.transfer_number = "+14155550177"
    asked = [
        tool_call("call_a", "search_knowledge", json.dumps({"query": "Where can I park?"})),
        tool_call("call_b", "transferCall", {}),
        tool_call("call_c", "book_appointment", {"start": "2026-02-14T10:00:00Z"}, spelling="flat"),
        tool_call("call_d", "make_coffee", "{}"),
    ]
    question = [{"role": "user", "content": "May I park there?"}]
    async with served(rig, secret=None, is_open=True) as api:

        async def ask(message: dict[str, Any]) -> dict[str, Any]:
            return await post(api, json.dumps(message).encode())

        answers = [
            await ask(VapiCall(assistant_id=None).message("assistant-request")),
            await ask(tool_calls(call, asked)),
            await ask(
                call.message(
                    "function-call", functionCall={"name": "search_knowledge", "parameters": {"query": "park"}}
                )
            ),
            await ask(call.message("transfer-destination-request")),
            await ask(call.message("knowledge-base-request", messagesOpenAIFormatted=question)),
        ]

    assert answers == [
        {"assistantId": "vapi_1a2b"},
        {
            "results": [
                {
                    "name": "search_knowledge",
                    "toolCallId": "call_a",
                    "result": "Parking is free behind the house.",
                },
                {
                    "name": "transferCall",
                    "toolCallId": "call_b",
                    "result": '{"destination": {"type": "number", "number": "+14155550177"}}',
                },
                {"name": "book_appointment", "toolCallId": "call_c", "error": "the calendar is not connected"},
                {"name": "make_coffee", "toolCallId": "call_d", "error": "there is no tool make_coffee"},
            ]
        },
        {"result": "Parking is free behind the house."},
        {
            "destination": {
                "type": "number",
                "number": "+14155550177",
                "message": "Transferring your call now.",
            }
        },
        {"documents": [{"content": "Parking is free\nbehind the house.", "similarity": 0.8, "uuid": "parking"}]},
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(
    [
        "status-update",
        "call.started",
        "call.ended",
        "end-of-call-report",
        "transcript",
        'transcript[transcriptType="final"]',
        "conversation-update",
        "speech-update",
        "hang",
        "user-interrupted",
        "tool-calls",
        "function-call",
        "assistant-request",
        "transfer-destination-request",
        "knowledge-base-request",
        "phone-call-control",
    ]
)
FIELDS = st.sampled_from(
    [
        "status", "timestamp", "startedAt", "endedAt", "endedReason", "artifact", "analysis", "toolCallList",
        "toolWithToolCallList", "functionCall", "customer", "phoneNumber", "transcript", "role", "messages",
        "messagesOpenAIFormatted", "durationSeconds", "destination",
    ]
)  # fmt: skip
TIMES = st.sampled_from(
    ["2026-02-13T15:30:00Z", "0001-01-01T00:00:00", "9999-12-31T23:59:59+14:00", "soon", -5, 1e300]
)
NESTED = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "type",
            "function",
            "name",
            "arguments",
            "parameters",
            "toolCall",
            "messages",
            "role",
            "message",
            "time",
            "endTime",
            "secondsFromStart",
            "duration",
            "number",
            "summary",
            "transcript",
            "recordingUrl",
        ]
    ),
    JSON,
    max_size=5,
)
VALUES = JSON | TIMES | NESTED | st.lists(NESTED, max_size=3)
MESSAGES = st.builds(
    lambda kind, call, fields: {"message": {"call": call, **fields, "type": kind}},
    KINDS,
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["c1", "c2", "c\0", ""]),
            "assistantId": st.sampled_from(["vapi_1a2b", "nobody", None]),
        },
        optional={"type": VALUES, "status": VALUES, "startedAt": VALUES, "endedAt": VALUES, "customer": VALUES},
    )
    | JSON,
    st.dictionaries(FIELDS, VALUES, max_size=6),
)


@pytest.mark.slow
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=st.binary(max_size=60) | MESSAGES.map(lambda message: json.dumps(message).encode()))
async def test_whatever_arrives_the_answer_is_the_contracts(rig: VapiRig, body: bytes) -> None:
    """Random bytes and messages with random fields: 200, a body of the contract, no fault of ours."""
    async with served(rig) as api:
        reply = await post(api, body, {b"x-vapi-secret": SECRET.encode()})

    assert reply.get("received") is not False
