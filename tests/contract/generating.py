"""Requests that nobody thought of, made from a contract: no fault of ours, no undocumented answer.

Some fit their schema, some break it in one place; half of those about a resource name one that is there.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Generic, TypeVar

import httpx2
import hypothesis
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

from tests.fakes.api import ApiClient, Operation

Place = TypeVar("Place")

SEED = 20_261_122
MOST_STREAM_S = 5.0
SETTINGS = hypothesis.settings(
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

Check = Callable[[Operation, Any, httpx2.Response], None]
"""Holds one answer to a request (a case of the generator) to what the operation says; raises AssertionError."""
Ids = Mapping[str, list[str]]
"""What is there, by the names of a path's parameters."""


class Wire(Generic[Place]):
    """A place behind synchronous calls: generators know no event loop."""

    def __init__(self, opening: AbstractAsyncContextManager[Place]) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.place = self._runner.run(self._stack.enter_async_context(opening))

    def run(self, work: Any) -> Any:
        """Await something of the place."""
        return self._runner.run(work)

    def send(self, api: ApiClient, case: Any) -> httpx2.Response:
        """The request as it would go over a socket; a stream is cut short."""
        prepared = requests.Request(**case.as_transport_kwargs(base_url="http://api.test")).prepare()
        content = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        headers = {name: value for name, value in prepared.headers.items() if name.lower() != "cookie"}
        sending = _bounded(api, prepared.method, prepared.path_url, headers=headers, content=content)
        answer: httpx2.Response = self._runner.run(sending)
        return answer

    def close(self) -> None:
        """Everything, in order."""
        self._runner.run(self._stack.aclose())
        self._runner.close()


async def _bounded(api: ApiClient, method: Any, path: str, **options: Any) -> httpx2.Response:
    async with asyncio.timeout(MOST_STREAM_S):
        return await api.request(method, path, **options)


def generators_of(description: Mapping[str, Any], **only: Any) -> dict[str, Any]:
    """The generator's operations by their ids; `only` are the filters of `schemathesis`'s `include`."""
    schema = schemathesis.openapi.from_dict(dict(description))
    chosen = schema.include(**only) if only else schema
    found = (result.ok() for result in chosen.get_all_operations() if isinstance(result, Ok))
    return {operation.definition.raw["operationId"]: operation for operation in found}


def tried(
    operations: Iterable[tuple[Operation, Ids]],
    generators: Mapping[str, Any],
    send: Callable[[Any], httpx2.Response],
    check: Check,
    *,
    examples: int,
) -> int:
    """How many requests were answered as the contract says; fails with every operation that was not."""
    wrong, count = [], 0
    for op, ids in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = _cases(generators[op.id], mode, ids)
            sent: list[Any] = []
            try:
                _try(op, cases, sent, send, check, examples=examples)
            except Unsatisfiable:
                continue  # what has neither parameters nor a body cannot be broken
            except (AssertionError, FailureGroup) as fault:
                wrong.append(f"{op.id}, {sent[-1].as_curl_command() if sent else mode}: {fault}")
            count += len(sent)
    assert not wrong, "\n".join(wrong)
    return count


def _try(
    op: Operation,
    cases: Any,
    sent: list[Any],
    send: Callable[[Any], httpx2.Response],
    check: Check,
    *,
    examples: int,
) -> None:
    @hypothesis.seed(SEED)
    @hypothesis.settings(SETTINGS, max_examples=examples)
    @given(cases)
    def requested(case: Any) -> None:
        sent.append(case)
        check(op, case, send(case))

    requested()


@strategies.composite
def _cases(draw: Any, operation: Any, mode: GenerationMode, ids: Ids) -> Any:
    """A request that fits or breaks the schema, half of them about something that is there."""
    case = draw(operation.as_strategy(generation_mode=mode))
    if ids and draw(strategies.booleans()):
        case.path_parameters = {name: draw(strategies.sampled_from(known)) for name, known in ids.items()}
    return case
