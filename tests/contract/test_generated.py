"""Requests that nobody thought of, made from the contract: no fault of ours, no undocumented answer.

Some fit their schema, some break it in one place; half of those about a resource name one that is there.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, strategies
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.installation import TAGS, Installation, furnish, open_installation, path_parameters
from tests.fakes.api import Operation, contract
from tests.fakes.database import Templates

SEED = 20_261_122
MOST_STREAM_S = 5.0
SETTINGS = hypothesis.settings(
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
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
CHECKS = (
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


class Wire:
    """An installation behind synchronous calls: generators know no event loop."""

    def __init__(self, database_url: str, data_dir: Path) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        opening = self._stack.enter_async_context(open_installation(database_url, data_dir))
        self.place: Installation = self._runner.run(opening)
        self._runner.run(furnish(self.place))
        self._api = self._runner.run(self.place.acting_as(self.place.ada))

    def send(self, case: Any) -> httpx2.Response:
        """Ada's request as it would go over a socket; a stream is cut short."""
        prepared = requests.Request(**case.as_transport_kwargs(base_url="http://api.test")).prepare()
        content = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        sending = self._bounded(prepared.method, prepared.path_url, headers=dict(prepared.headers), content=content)
        return self._runner.run(sending)

    async def _bounded(self, method: Any, path: str, **options: Any) -> httpx2.Response:
        async with asyncio.timeout(MOST_STREAM_S):
            return await self._api.request(method, path, **options)

    def close(self) -> None:
        """Everything, in order."""
        self._runner.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture
def wire(templates: Templates, tmp_path: Path) -> Iterator[Wire]:
    """One installation for all operations: what one request leaves behind, the next one meets."""
    opened = Wire(templates.fresh_url(), tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def generators() -> dict[str, Any]:
    """The generator's operations by their ids, of the tags that are served."""
    schema = schemathesis.openapi.from_dict(dict(contract())).include(tag=[*TAGS, "Stripe"])
    found = (result.ok() for result in schema.get_all_operations() if isinstance(result, Ok))
    return {operation.definition.raw["operationId"]: operation for operation in found}


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_a_few_requests_to_every_operation(wire: Wire, generators: dict[str, Any]) -> None:
    """What every change is held to."""
    assert _tried(wire, generators, examples=2) > 50


@pytest.mark.acceptance
@pytest.mark.timeout(900)
def test_many_requests_to_every_operation(wire: Wire, generators: dict[str, Any]) -> None:
    """The same generator, for longer."""
    assert _tried(wire, generators, examples=60) > 1_500


def _tried(wire: Wire, generators: dict[str, Any], *, examples: int) -> int:
    """How many requests were answered as the contract says; fails with every operation that was not."""
    wrong, count = [], 0
    for op in wire.place.served():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = _cases(generators[op.id], mode, _ids_for(op, wire.place))
            sent: list[Any] = []
            try:
                _try(wire, op, cases, sent, examples=examples)
            except Unsatisfiable:
                continue  # what has neither parameters nor a body cannot be broken
            except (AssertionError, FailureGroup) as fault:
                wrong.append(f"{op.id}, {sent[-1].as_curl_command() if sent else mode}: {fault}")
            count += len(sent)
    assert not wrong, "\n".join(wrong)
    return count


def _try(wire: Wire, op: Operation, cases: Any, sent: list[Any], *, examples: int) -> None:
    @hypothesis.seed(SEED)
    @hypothesis.settings(SETTINGS, max_examples=examples)
    @given(cases)
    def requested(case: Any) -> None:
        sent.append(case)
        _check(op, case, wire.send(case))

    requested()


def _ids_for(op: Operation, place: Installation) -> dict[str, list[str]]:
    """What is there, by the names of the path's parameters."""
    key = "inbound_call_id" if op.path.startswith("/v1/inbound/calls") else "call_id"
    known = {**place.ids, "call_id": place.ids[key], "index": ["0"]}
    return {name: known[name] for name in path_parameters(op)}


@strategies.composite
def _cases(draw: Any, operation: Any, mode: GenerationMode, ids: dict[str, list[str]]) -> Any:
    """A request that fits or breaks the schema, half of them about something that is there."""
    case = draw(operation.as_strategy(generation_mode=mode))
    if ids and draw(strategies.booleans()):
        case.path_parameters = {name: draw(strategies.sampled_from(known)) for name, known in ids.items()}
    return case


def _check(op: Operation, case: Any, answer: httpx2.Response) -> None:
    """No fault of ours; a status and a code that the operation names; headers and body by their schemas."""
    assert answer.status_code < 500, f"{answer.status_code} {answer.text}"
    code = answer.json()["error"]["code"] if answer.status_code >= 400 else None
    assert code is None or code in {*op.spec.get("x-error-codes", ()), *GENERAL}, f"does not name {code}"
    if code not in GENERAL:
        assert str(answer.status_code) in op.spec["responses"], f"does not name {answer.status_code} ({code})"
    if answer.status_code not in WIRE_STATUS:
        case.validate_response(answer, checks=list(CHECKS))
