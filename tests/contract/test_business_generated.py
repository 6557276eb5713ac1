"""Requests made from the contract of `/api`, with the cookie of a business on the largest plan."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.contract.businesses import Businesses, Owned, open_businesses, served
from tests.contract.generating import CHECKS, Wire, generators_of, tried
from tests.fakes.api import Operation, contract
from tests.fakes.database import Templates

ROUTING = (404, 405)
"""What the router says of a path that a broken parameter makes another one."""

FAULTS_OF_OTHERS = (502,)
"""The carrier of these tests has nothing to sell abroad; a provider's refusal is documented as such."""


@pytest.fixture
def wire(templates: Templates, tmp_path: Path) -> Iterator[Wire[Businesses]]:
    """One installation for all operations: what one request leaves behind, the next one meets."""
    opened = Wire(open_businesses(templates.fresh_url(), tmp_path))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def generators() -> dict[str, Any]:
    """The generator's operations by their ids."""
    return generators_of(contract("api"))


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_few_requests_to_every_operation(wire: Wire[Businesses], generators: dict[str, Any]) -> None:
    """What every change is held to."""
    assert _tried(wire, generators, examples=2) > 50


@pytest.mark.acceptance
@pytest.mark.timeout(900)
def test_many_requests_to_every_operation(wire: Wire[Businesses], generators: dict[str, Any]) -> None:
    """The same generator, for longer."""
    assert _tried(wire, generators, examples=60) > 1_500


def _tried(wire: Wire[Businesses], generators: dict[str, Any], *, examples: int) -> int:
    mine = wire.place.mine
    operations = ((op, _ids_for(op, mine)) for op in served())
    return tried(operations, generators, lambda case: wire.send(mine.api, case), _check, examples=examples)


def _ids_for(op: Operation, mine: Owned) -> dict[str, list[str]]:
    """What the business has, by the names of the path's parameters."""
    named = [each["name"] for each in op.spec.get("parameters", ()) if each["in"] == "path"]
    place = op.path.split("/{")[0]
    return {name: [mine.ids[(place, name)]] for name in named if (place, name) in mine.ids}


def _check(_op: Operation, case: Any, answer: httpx2.Response) -> None:
    """No fault of ours; the client has compared status, code and body already, this adds headers and types."""
    assert answer.status_code < 500 or answer.status_code in FAULTS_OF_OTHERS, f"{answer.status_code} {answer.text}"
    if answer.status_code not in ROUTING:
        case.validate_response(answer, checks=CHECKS)
