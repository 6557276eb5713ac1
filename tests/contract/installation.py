"""All of `/v1` in this process, put together as the program does: a database, a carrier in memory, two tenants.

Ada has one of everything; Bob has an account. Their tokens are real, so are the checks of them.
"""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import SecretStr

from tests.fakes.accounts import Account, add_account
from tests.fakes.api import ApiClient, Operation, api_client, operations
from tests.fakes.telephony import FakeTelephony
from voice_engine.bootstrap import service as composition
from voice_engine.bootstrap.service import Place, Service, open_service
from voice_engine.config import AccountsSection, CallsSection, Settings, WebSection
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import CallState, Product
from voice_engine.domains.identity.scopes import ALL_SCOPES
from voice_engine.domains.inbound.models import ActionItem, InboundCall, Voicemail
from voice_engine.rest.v1.app import ROUTERS, build_v1
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.web.account import CarrierAccount

PUBLIC_URL = "http://api.test"
TAGS = ("Authentication", "Calls", "Inbound", "Phone Numbers", "Credits", "User")
OTHERS = ("listStripePlans",)
CALLER = "+12125550177"
CALLER_NAME = "Zebedee Quillfeather"
"""Words that stand in an answer only where Ada's rows do."""

Ids = dict[str, list[str]]
"""By the parameter's name; inbound calls under `inbound_call_id`."""

ROUTED = frozenset(
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
)


class Telephony(FakeTelephony):
    """The carrier in memory, closed like the one that is reached by HTTP."""

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One process's service with its two tenants. `anonymous` has no token."""

    service: Service
    telephony: Telephony
    anonymous: ApiClient
    ada: Account
    bob: Account
    ids: Ids = field(default_factory=dict)

    async def acting_as(self, who: Account, scopes: frozenset[str] = ALL_SCOPES) -> ApiClient:
        """A client with a fresh token of this account."""
        pair = await self.service.identity.tokens.start(
            user_id=who.user_id, organization_id=who.organization_id, client_id="cli", scopes=scopes
        )
        return self.anonymous.acting_as(pair.access_token)

    def served(self) -> list[Operation]:
        """The operations of the contract that exist so far."""
        asked = [op for op in operations() if set(op.tags) & set(TAGS) or op.id in OTHERS]
        return [op for op in asked if (op.method, op.path) in ROUTED]

    def guarded(self) -> list[Operation]:
        """Those of them that need a token."""
        return [op for op in self.served() if op.scope != "none"]


@asynccontextmanager
async def open_installation(database_url: str, data_dir: Path) -> AsyncIterator[Installation]:
    """The service and its tenants while the context is open. Nobody works on jobs: what is queued stays so."""
    telephony = Telephony()
    settings = Settings(
        data_dir=data_dir,
        database_url=SecretStr(database_url),
        calls=CallsSection(first_hour=0, last_hour=24, sync_wait_s=0, gpt_wait_s=0),
        web=WebSection(requests_per_minute=1_000_000, open_requests_per_minute=1_000_000),
        accounts=AccountsSection(credits=1_000_000),
    )
    account = CarrierAccount(account_sid="AC" + "0" * 32, auth_token="0" * 32, generated=True)
    place = Place(public_url=PUBLIC_URL, carrier_url="http://127.0.0.1:9", account=account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "open_telephony", lambda *_: telephony)
        async with open_service(settings, place) as service:
            ada, bob = [await add_account(service.store, name) for name in ("Ada", "Bob")]
            async with api_client(build_v1(service.surface)) as anonymous:
                yield Installation(service=service, telephony=telephony, anonymous=anonymous, ada=ada, bob=bob)


async def furnish(place: Installation, *, times: int = 1) -> None:
    """Give Ada `times` more of everything, over the wire where a client can."""
    api = await place.acting_as(place.ada)
    for _ in range(times):
        await _order(place, api)
        async with place.service.store.begin(place.ada.organization_id) as work:
            await _keep_outbound(place, work)
            await _keep_inbound(place, work)


async def _order(place: Installation, api: ApiClient) -> None:
    """What a client asks for."""
    count = len(place.ids.get("rule_id", ()))
    number = await _created(api, "/v1/phone-numbers/provision", {"country": "US"})
    _note(place, "phone_number_id", number)
    await api.post("/v1/phone-numbers/forwarding", json={"phone_number": "+14155554000", "label": "Desk"})
    forwarding = f"/v1/phone-numbers/{place.ids['phone_number_id'][-1]}/forwarding"
    await api.put(forwarding, json={"forwarding_number": "+14155554000"})
    _note(place, "call_id", await _created(api, "/v1/calls", submission()))
    rule = {"name": f"{CALLER_NAME} {count}", "action": "reject", "priority": count, "conditions": {}}
    _note(place, "rule_id", await _created(api, "/v1/inbound/rules", rule))
    contact = {"name": f"{CALLER_NAME} {count}", "phone_number": f"+1212555{1000 + count}", "is_vip": True}
    _note(place, "contact_id", await _created(api, "/v1/inbound/contacts", contact))


def submission() -> dict[str, Any]:
    """A request for a call."""
    return {
        "submission": {
            "task_category": "general",
            "task_description": f"Ask for {CALLER_NAME}",
            "respondent_phone": "+14155551234",
            "user_name": "Ada",
            "is_urgent": True,
        },
        "timezone": "America/New_York",
    }


async def _created(api: ApiClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _note(place: Installation, name: str, made: dict[str, Any]) -> None:
    found = next(value for value in (made.get(name), made.get("id")) if value is not None)
    place.ids.setdefault(name, []).append(str(found))


async def _keep_outbound(place: Installation, work: UnitOfWork) -> None:
    """A call made and over; and credits given."""
    call = _call(place, "outbound", CallState.SUCCESS)
    work.session.add(call)
    await work.session.flush()
    work.session.add_all([_line(call, position) for position in (0, 1)])
    place.ids.setdefault("call_id", []).append(call.id)
    await place.service.usage.grant_bonus(work, new_id(), Decimal(5), description=f"For {CALLER_NAME}")


async def _keep_inbound(place: Installation, work: UnitOfWork) -> None:
    """A call taken and over, with what follows of it."""
    call = _call(place, "inbound", CallState.COMPLETED)
    work.session.add(call)
    await work.session.flush()
    taken = InboundCall(
        call_id=call.id,
        number_id=place.ids["phone_number_id"][-1],
        caller_name=CALLER_NAME,
        contact_id=place.ids["contact_id"][-1],
        is_vip=True,
        rule_id=place.ids["rule_id"][-1],
        decision={"action": "ai_answer", "config": {}},
    )
    item = ActionItem(
        id=new_id(),
        call_id=call.id,
        position=0,
        description="Call back",
        status="pending",
        updated_at=call.created_at,
    )
    mail = Voicemail(
        id=new_id(),
        call_id=call.id,
        recording_sid=f"RE{call.id.replace('-', '')}"[:34],
        blob_key=f"voicemails/{call.id}.wav",
        caller_number=CALLER,
        caller_name=CALLER_NAME,
        duration_ms=4_000,
        transcript="Please call me back.",
        created_at=call.created_at,
    )
    work.session.add_all([*(_line(call, position) for position in (0, 1)), taken, item, mail])
    place.ids.setdefault("inbound_call_id", []).append(call.id)
    place.ids.setdefault("voicemail_id", []).append(mail.id)


def _call(place: Installation, direction: str, state: CallState) -> Call:
    at = composition.utc_now() - dt.timedelta(hours=1)
    ours, theirs = "+14155550100", CALLER
    here = direction == "inbound"
    return Call(
        id=new_id(),
        user_id=place.ada.user_id,
        product=Product.KALLY,
        direction=direction,
        from_number=theirs if here else ours,
        to_number=ours if here else theirs,
        status=state,
        ended_reason="completed",
        task_outcome="achieved",
        created_at=at,
        started_at=at,
        answered_at=at,
        ended_at=at + dt.timedelta(seconds=90),
        duration_ms=90_000,
        attempts=1,
        handled_by="ai" if here else None,
        timezone="America/New_York",
        language="en",
        app_language="en",
        task=None if here else _task(),
        max_seconds=900,
        credits_used=Decimal("1.20"),
        highlights=[f"Spoke with {CALLER_NAME}."],
        next_steps=["Call back."],
        summary=f"{CALLER_NAME} called.",
        recording_key=f"recordings/{new_id()}.wav",
        recording_ms=90_000,
        ics="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    )


def _task() -> dict[str, Any]:
    """A submission as it is kept: every field, given or not."""
    blank = ("business_name", "user_phone", "appointment_date", "appointment_time", "time_preference_text")
    asked = {**submission()["submission"], "respondent_phone": CALLER, "language": "en", "call_language": "en"}
    return {**dict.fromkeys(blank), "party_size": None, "additional_instructions": [], **asked}


def _line(call: Call, position: int) -> TranscriptEntry:
    return TranscriptEntry(
        id=new_id(),
        call_id=call.id,
        position=position,
        speaker=("AI", "HUMAN")[position],
        text=f"This is {CALLER_NAME}.",
        start_ms=position * 2_000,
        end_ms=position * 2_000 + 1_500,
    )


EXAMPLES = {"country": "US"}
"""Values of query parameters that must be there."""

NOBODYS = "5f0c1d7e-9f7f-4d0a-8f0e-2a4c4b1f9e11"
"""An id of nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that fits an operation's schema."""

    operation: Operation
    path: str
    options: dict[str, Any]

    async def send(self, api: ApiClient) -> Any:
        """The answer, checked against the contract."""
        return await api.request(self.operation.method, self.path, **self.options)


def request_of(operation: Operation, ids: dict[str, str]) -> Request:
    """The contract's own example, with these ids in its path."""
    inbound = operation.path.startswith("/v1/inbound/calls")
    given = {**ids, "index": "0"}
    if inbound and "inbound_call_id" in ids:
        given["call_id"] = ids["inbound_call_id"]
    path = operation.path.format_map(given) if "{" in operation.path else operation.path
    body = operation.spec.get("requestBody", {}).get("content", {})
    example = body.get("application/json", {}).get("examples", {})
    options: dict[str, Any] = {}
    if example:
        options["json"] = next(iter(example.values()))["value"]
    elif "application/json" in body:
        options["json"] = {}
    required = [p for p in operation.spec.get("parameters", ()) if p.get("required") and p.get("in") == "query"]
    if required:
        options["params"] = {p["name"]: EXAMPLES[p["name"]] for p in required}
    if operation.id == "createCall":
        options = {"json": submission(), "headers": {"Prefer": "respond-async"}}
    return Request(operation=operation, path=path, options=options)


def path_parameters(operation: Operation) -> list[str]:
    """The names in the path's braces."""
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]


def with_path(operation: Operation) -> bool:
    """Whether it is about one resource."""
    return bool(path_parameters(operation))
