"""A client of both surfaces that holds every answer it gets to the published contracts.

A test that uses it fails when an operation answers with an undocumented status, a body that does not fit its
schema, or without its correlation id. Requests are not checked: tests send wrong ones on purpose.
"""

import functools
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import httpx2
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from starlette.types import ASGIApp

from voice_engine.rest.api.session import COOKIE
from voice_engine.rest.contract.documents import epoch_yaml, kallyai_yaml

METHODS = ("get", "post", "put", "patch", "delete")
Surface = Literal["v1", "api"]
ROOTS: Mapping[Surface, str] = {"v1": "urn:contract:v1", "api": "urn:contract:api"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    path: str
    pattern: re.Pattern[str]
    tags: tuple[str, ...]
    scope: str
    spec: Mapping[str, Any]


@functools.cache
def contract(surface: Surface = "v1") -> Mapping[str, Any]:
    """The published description of a surface, read once a test process."""
    document = kallyai_yaml() if surface == "v1" else epoch_yaml()
    loaded = yaml.load(document, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # a safe loader
    assert isinstance(loaded, dict)
    return loaded


def surface_of(path: str) -> Surface:
    """Whose path it is."""
    return "api" if path.startswith("/api/") else "v1"


@functools.cache
def operations(surface: Surface = "v1") -> tuple[Operation, ...]:
    """Every operation of a surface, literal paths before those with parameters."""
    found = [
        Operation(
            id=spec["operationId"],
            method=method.upper(),
            path=path,
            pattern=re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path)) + r"\Z"),
            tags=tuple(spec.get("tags", ())),
            scope=spec.get("x-scope", "none"),
            spec=spec,
        )
        for path, item in contract(surface)["paths"].items()
        for method, spec in item.items()
        if method in METHODS
    ]
    return tuple(sorted(found, key=lambda operation: operation.path.count("{")))


def find_operation(method: str, path: str) -> Operation | None:
    """The operation that serves this request; None outside the contract."""
    return next(
        (op for op in operations(surface_of(path)) if op.method == method.upper() and op.pattern.match(path)), None
    )


@functools.cache
def _registry() -> Registry[Any]:
    registry: Registry[Any] = Registry()
    for surface, root in ROOTS.items():
        resource: Resource[Any] = DRAFT202012.create_resource(contract(surface))
        registry = registry.with_resource(root, resource)
    return registry


@functools.cache
def _validator(surface: Surface, pointer: str) -> Draft202012Validator:
    reference = {"$ref": f"{ROOTS[surface]}#{pointer}"}
    return Draft202012Validator(reference, registry=_registry(), format_checker=FormatChecker())


def violations(method: str, path: str, status: int, headers: Mapping[str, str], body: object) -> Iterator[str]:
    """What is wrong with an answer, in words."""
    operation = find_operation(method, path)
    if operation is None:
        return
    escaped = operation.path.replace("~", "~0").replace("/", "~1")
    surface, responses = surface_of(path), operation.spec["responses"]
    whole = 200 if status == 206 else status  # a part of an answer is that answer (RFC 9110, 15.3.7)
    documented = str(whole) if str(whole) in responses else "default"
    if documented not in responses or (status < 400 and documented == "default"):
        yield f"{operation.id} answers {status}, which is not documented"
        return
    spec, pointer = responses[documented], f"/paths/{escaped}/{method.lower()}/responses/{documented}"
    if "$ref" in spec:
        pointer = spec["$ref"].removeprefix("#")
        spec = contract(surface)["components"]["responses"][pointer.rsplit("/", 1)[1]]
    codes, code = spec.get("x-codes"), body.get("code") if isinstance(body, dict) else None
    if surface == "api" and codes and code not in codes:
        yield f"{operation.id} {status}: the code {code} is not documented there"
    if "x-correlation-id" not in headers:
        yield f"{operation.id} answers without X-Correlation-Id"
    if "application/json" in spec.get("content", {}):
        for error in _validator(surface, f"{pointer}/content/application~1json/schema").iter_errors(body):
            yield f"{operation.id} {status}: {'/'.join(map(str, error.absolute_path))}: {error.message}"


class ApiClient:
    """An HTTP client of an application in this process. `token` goes along as bearer, `session` as cookie."""

    def __init__(self, http: httpx2.AsyncClient, token: str | None = None, *, session: str | None = None) -> None:
        self._http = http
        self._token = token
        self._session = session

    def acting_as(self, token: str | None) -> "ApiClient":
        """The same application, another caller."""
        return ApiClient(self._http, token)

    def signed_in_as(self, session: str | None) -> "ApiClient":
        """The same application, a browser with this session of the business surface; None: with none."""
        return ApiClient(self._http, session=session)

    async def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send and check. Options are httpx2's."""
        headers = {
            **({"Authorization": f"Bearer {self._token}"} if self._token else {}),
            **({"Cookie": f"{COOKIE}={self._session}"} if self._session else {}),
            **options.pop("headers", {}),
        }
        response = await self._http.request(method, path, headers=headers, **options)
        is_json = response.headers.get("content-type", "").startswith("application/json")
        body = response.json() if is_json else None
        wrong = list(violations(method, path.partition("?")[0], response.status_code, response.headers, body))
        assert not wrong, "\n".join(wrong)
        return response

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        """GET."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx2.Response:
        """POST."""
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> httpx2.Response:
        """PUT."""
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> httpx2.Response:
        """PATCH."""
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> httpx2.Response:
        """DELETE."""
        return await self.request("DELETE", path, **options)


@asynccontextmanager
async def api_client(app: ASGIApp, token: str | None = None) -> AsyncIterator[ApiClient]:
    """A client while the context is open."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api.test") as http:
        yield ApiClient(http, token)


def code_of(response: httpx2.Response) -> str:
    """The stable code of a refusal."""
    return str(response.json()["error"]["code"])
