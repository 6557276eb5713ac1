"""Requests made from the contract of `/v1`, with a bearer of every scope."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.contract.generating import CHECKS, Wire, generators_of, tried
from tests.contract.installation import TAGS, Installation, furnish, open_installation, path_parameters
from tests.fakes.api import ApiClient, Operation, contract
from tests.fakes.database import Templates

GENERAL = frozenset(
    {
        "not_found",
        "method_not_allowed",
        "unsupported_media_type",
        "validation_error",
        "rate_limited",
        "database_busy",
    }
)
"""Codes that any operation may answer with: what the wire, not the operation, refuses."""

WIRE_STATUS = (404, 405, 415)


@pytest.fixture
def wire(templates: Templates, tmp_path: Path) -> Iterator[Wire[Installation]]:
    """One installation for all operations: what one request leaves behind, the next one meets."""
    opened = Wire(_furnished(templates.fresh_url(), tmp_path))
    yield opened
    opened.close()


@asynccontextmanager
async def _furnished(database_url: str, data_dir: Path) -> AsyncIterator[Installation]:
    async with open_installation(database_url, data_dir) as place:
        await furnish(place)
        yield place


@pytest.fixture(scope="module")
def generators() -> dict[str, Any]:
    """The generator's operations of the tags that are served."""
    return generators_of(contract(), tag=[*TAGS, "Stripe"])


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_few_requests_to_every_operation(wire: Wire[Installation], generators: dict[str, Any]) -> None:
    """What every change is held to."""
    assert _tried(wire, generators, examples=2) > 50


@pytest.mark.acceptance
@pytest.mark.timeout(900)
def test_many_requests_to_every_operation(wire: Wire[Installation], generators: dict[str, Any]) -> None:
    """The same generator, for longer."""
    assert _tried(wire, generators, examples=60) > 1_500


def _tried(wire: Wire[Installation], generators: dict[str, Any], *, examples: int) -> int:
    api: ApiClient = wire.run(wire.place.acting_as(wire.place.ada))
    operations = ((op, _ids_for(op, wire.place)) for op in wire.place.served())
    return tried(operations, generators, lambda case: wire.send(api, case), _check, examples=examples)


def _ids_for(op: Operation, place: Installation) -> dict[str, list[str]]:
    """What is there, by the names of the path's parameters."""
    key = "inbound_call_id" if op.path.startswith("/v1/inbound/calls") else "call_id"
    known = {**place.ids, "call_id": place.ids[key], "index": ["0"]}
    return {name: known[name] for name in path_parameters(op)}


def _check(op: Operation, case: Any, answer: httpx2.Response) -> None:
    """No fault of ours; a status and a code that the operation names; headers and body by their schemas."""
    assert answer.status_code < 500, f"{answer.status_code} {answer.text}"
    code = answer.json()["error"]["code"] if answer.status_code >= 400 else None
    assert code is None or code in {*op.spec.get("x-error-codes", ()), *GENERAL}, f"does not name {code}"
    if code not in GENERAL:
        assert str(answer.status_code) in op.spec["responses"], f"does not name {answer.status_code} ({code})"
    if answer.status_code not in WIRE_STATUS:
        case.validate_response(answer, checks=CHECKS)
