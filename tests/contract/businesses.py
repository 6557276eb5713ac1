"""All of `/api` in this process, put together as the program does, with a business on each plan.

Each business has one of everything that a route can be about. What is asked of which operation is read from the
contract, so that an operation is in every test from the day on which it has a route.
"""

import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute

from tests.contract.installation import open_installation
from tests.fakes.api import ApiClient, Operation, api_client, contract, operations
from tests.fakes.business import Business, add_business
from voice_engine.bootstrap import service as composition
from voice_engine.bootstrap.service import Service
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import CallState, EndedReason, Product
from voice_engine.domains.minutes.plans import Tier, includes
from voice_engine.rest.api.app import ROUTERS, build_api
from voice_engine.store.rows import new_id

NOBODYS = "5f0c1d7e-9f7f-4d0a-8f0e-2a4c4b1f9e11"
"""An id of nothing."""

CALLER = "+12125550177"
SUMMARY = "Zebedee Quillfeather asked for a cleaning."
"""Words that stand in an answer only where a business's own rows do."""

WAV = bytes.fromhex("524946462400000057415645666d74201000000001000100401f0000803e0000020010006461746100000000")
"""A recording of no length."""


def shape(path: str) -> str:
    """A path without the names in its braces, which are ours to choose."""
    return re.sub(r"\{[^}]+\}", "{}", path)


ROUTES: Mapping[tuple[str, str], APIRoute] = {
    (method, shape(route.path)): route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
}


def served(*auth: str) -> list[Operation]:
    """The operations of the contract that exist so far; with `auth`, those for whom such callers may ask."""
    known = [op for op in operations("api") if (op.method, shape(op.path)) in ROUTES]
    return [op for op in known if not auth or op.spec["x-auth"] in auth]


def least_of(op: Operation) -> Tier:
    """The smallest plan that may use the operation."""
    named = op.spec["x-min-plan"]
    return Tier.FREE if named == "NONE" else Tier(named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A business, and the ids of what it has, by the operation's path up to the parameter and its name."""

    business: Business
    api: ApiClient
    ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def id_for(self, op: Operation, name: str) -> str:
        """What this business has for a parameter of the operation."""
        return self.ids[(op.path.split("/{")[0], name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Businesses:
    """One process's service, with two businesses on the largest plan and one on each plan."""

    service: Service
    anonymous: ApiClient
    mine: Owned
    other: Owned
    by_tier: Mapping[Tier, Owned]


@asynccontextmanager
async def open_businesses(database_url: str, data_dir: Path) -> AsyncIterator[Businesses]:
    """The service and its businesses while the context is open. Nobody works on jobs."""
    async with open_installation(database_url, data_dir) as place:
        service = place.service
        async with api_client(build_api(service.surface)) as anonymous:
            mine, other = [await _furnished(service, anonymous, Tier.ENTERPRISE, name) for name in ("Ada", "Bob")]
            by_tier = {tier: await _furnished(service, anonymous, tier, f"On {tier}") for tier in Tier}
            yield Businesses(service=service, anonymous=anonymous, mine=mine, other=other, by_tier=by_tier)


async def _furnished(service: Service, anonymous: ApiClient, tier: Tier, name: str) -> Owned:
    """A business with an assistant, a section, a file and a call."""
    now = composition.utc_now()
    business = await add_business(service.store, tier, name=name, now=now)
    owned = Owned(business=business, api=anonymous.signed_in_as(business.session_token))
    made = await _ok(owned, "POST", "/api/assistants", {"vapiAssistantId": new_id(), "name": f"Desk of {name}"})
    owned.ids[("/api/assistants", "id")] = made["assistant"]["id"]
    section = f"garage-{business.organization_id[:8]}"
    if includes(tier, Tier.STARTER):
        kept = await _ok(owned, "PUT", "/api/kb", {"sectionKey": section, "text": f"{name} has a garage."})
        owned.ids[("/api/kb", "vapiFileId")] = kept["section"]["vapiFileId"]
    owned.ids[("/api/kb", "section")] = owned.ids[("/api/kb", "sectionKey")] = section
    call_id = await _keep_call(service, business, now)
    owned.ids[("/api/calls", "id")] = owned.ids[("/api/calls/outbound/status", "vapiCallId")] = call_id
    return owned


async def _ok(owned: Owned, method: str, path: str, body: Mapping[str, Any]) -> Any:
    answer = await owned.api.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()


async def _keep_call(service: Service, business: Business, now: dt.datetime) -> str:
    """A call that came in, was recorded, and is over."""
    at, call_id = now - dt.timedelta(hours=1), new_id()
    key = f"recordings/{call_id}.wav"
    await service.blobs.put(key, _chunks(WAV))
    call = Call(
        id=call_id,
        product=Product.EPOCH,
        direction="inbound",
        from_number=CALLER,
        to_number="+14155550100",
        status=CallState.COMPLETED,
        ended_reason=EndedReason.COMPLETED,
        created_at=at,
        started_at=at,
        answered_at=at,
        ended_at=at + dt.timedelta(seconds=90),
        duration_ms=90_000,
        timezone="America/New_York",
        language="en",
        app_language="en",
        max_seconds=900,
        summary=SUMMARY,
        recording_key=key,
        recording_ms=90_000,
    )
    async with service.store.begin(business.organization_id) as work:
        work.session.add(call)
        await work.session.flush()
        line = TranscriptEntry(
            call_id=call_id, position=0, speaker="HUMAN", text="A cleaning, please.", start_ms=0, end_ms=900
        )
        work.session.add(line)
    return call_id


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data


def body_ids(op: Operation) -> Iterator[str]:
    """Names of the fields of a request's body that hold an id."""
    content = op.spec.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = _resolved(content.get("schema", {}))
    return (name for name in schema.get("properties", {}) if name in {"id", "sectionKey"} or name.endswith("Id"))


def parameter_ids(op: Operation) -> Iterator[tuple[str, str]]:
    """Place (path or query) and name of the parameters that name something of the business's."""
    for parameter in op.spec.get("parameters", ()):
        name, place = parameter["name"], parameter["in"]
        if place == "path" or (place == "query" and (name in {"id", "section"} or name.endswith("Id"))):
            yield place, name


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = contract("api")["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found
