"""Google contacts against a local server that speaks the People API's protocol, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.contacts import People
from voice_engine.providers.contacts.google import GoogleContacts, GoogleSettings

ANA: dict[str, Any] = {
    "resourceName": "people/c1",
    "names": [{"displayName": "Other"}, {"displayName": "Ana López", "metadata": {"primary": True}}],
    "phoneNumbers": [
        {"value": "600 123 457", "canonicalForm": "+34600123457"},
        {"value": "600 123 456", "metadata": {"primary": True}},
    ],
    "emailAddresses": [{"value": "ana@example.com"}],
    "biographies": [{"value": "Key client"}],
}


@dataclass(slots=True)
class Google:
    """The server's state: answers to give in turn, else the pages; and what it was asked."""

    pages: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    grants: tuple[int, dict[str, Any]] = (200, {"access_token": "at-1"})
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    def answer(self, method: str, target: str, headers: dict[str, str], body: str) -> tuple[int, dict[str, Any]]:
        if method == "POST":
            self.asked.append({name: values[0] for name, values in parse_qs(body).items()})
            return self.grants
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        self.asked.append(query)
        if headers.get("authorization") != "Bearer at-1":
            return 401, {}
        if self.faults:
            return self.faults.pop(0)
        return 200, self.pages[int(query.get("pageToken", "0"))]


@asynccontextmanager
async def google(**state: Any) -> AsyncIterator[tuple[Google, GoogleContacts]]:
    """The server while the context is open, and a client of it."""
    server_state = Google(**state)

    open_connections = 0
    idle = asyncio.Event()
    idle.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_connections
        open_connections += 1
        idle.clear()
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            request, *lines = head.split("\r\n")
            method, target, _ = request.split(" ")
            parts = [line.partition(": ") for line in lines if line]
            headers = {name.lower(): value for name, _, value in parts}
            body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
            status, answer = server_state.answer(method, target, headers, body)
            payload = json.dumps(answer).encode()
            start = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n"
            writer.write(f"{start}Content-Length: {len(payload)}\r\n\r\n".encode() + payload)
            await writer.drain()
        finally:
            writer.close()
            open_connections -= 1
            if not open_connections:
                idle.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    server_state.port = server.sockets[0].getsockname()[1]
    base = f"http://127.0.0.1:{server_state.port}"
    settings = GoogleSettings(
        client_id="id", client_secret="s", token_url=f"{base}/token", people_url=f"{base}/people", pause_s=0.001
    )
    async with server:
        yield server_state, GoogleContacts(settings)
        await idle.wait()


async def read(book: GoogleContacts, *, sync_token: str | None = None) -> list[People]:
    return [page async for page in book.read("rt-1", sync_token=sync_token)]


async def test_every_page_is_read_and_the_last_one_has_the_mark() -> None:
    """The refresh token buys an access token; primary names and numbers come first; the deleted are left out."""
    pages = [
        {"connections": [ANA], "nextPageToken": "1"},
        {"connections": [{"resourceName": "people/c2", "metadata": {"deleted": True}}], "nextSyncToken": "st-1"},
    ]
    async with google(pages=pages) as (server, book):
        found = await read(book)

    (ana,) = found[0].persons
    assert (ana.id, ana.name, ana.numbers) == ("people/c1", "Ana López", ("600 123 456", "+34600123457"))
    assert (ana.email, ana.notes) == ("ana@example.com", "Key client")
    assert (found[0].sync_token, found[1].sync_token, found[1].persons) == (None, "st-1", ())
    assert server.asked[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "rt-1",
        "client_id": "id",
        "client_secret": "s",
    }
    assert (server.asked[1]["requestSyncToken"], server.asked[2]["pageToken"]) == ("true", "1")


async def test_what_changed_since_a_mark_is_asked_for_by_it() -> None:
    """On every page, as the protocol wants it."""
    pages = [{"nextPageToken": "1"}, {"connections": [ANA], "nextSyncToken": "st-2"}]
    async with google(pages=pages) as (server, book):
        found = await read(book, sync_token="st-1")

    assert [query.get("syncToken") for query in server.asked[1:]] == ["st-1", "st-1"]
    assert found[-1].sync_token == "st-2"


async def test_a_mark_that_is_too_old_reads_everything() -> None:
    """The provider forgets marks after a week."""
    expired = (400, {"error": {"details": [{"reason": "EXPIRED_SYNC_TOKEN"}]}})
    async with google(pages=[{"connections": [ANA], "nextSyncToken": "st-9"}], faults=[expired]) as (server, book):
        found = await read(book, sync_token="st-1")

    assert [query.get("syncToken") for query in server.asked[1:]] == ["st-1", None]
    assert found[-1].sync_token == "st-9"


async def test_a_refusal_for_the_rate_is_waited_out() -> None:
    """Twice is too often today, the third time is fine."""
    async with google(pages=[{"connections": [ANA]}], faults=[(429, {}), (503, {})]) as (_server, book):
        found = await read(book)

    assert len(found[0].persons) == 1


@pytest.mark.parametrize(
    "state",
    [
        {"grants": (400, {"error": "invalid_grant"})},
        {"faults": [(403, {})]},
        {"grants": (200, {"access_token": "another"})},
    ],
)
async def test_access_that_was_withdrawn_is_told(state: dict[str, Any]) -> None:
    """The account must be connected again."""
    async with google(**state) as (_server, book):
        with pytest.raises(InvalidInput) as refusal:
            await read(book)

    assert refusal.value.code == "provider_not_connected"


@pytest.mark.parametrize(
    "state",
    [{"grants": (500, {})}, {"grants": (200, {})}, {"faults": [(500, {})] * 3}, {"faults": [(404, {})]}],
)
async def test_a_provider_that_fails_may_be_tried_again(state: dict[str, Any]) -> None:
    """Its faults are ours to report, none is a bug."""
    async with google(**state) as (_server, book):
        with pytest.raises(UpstreamFailed) as failure:
            await read(book)

    assert (failure.value.code, failure.value.retryable) == ("service_unavailable", True)


async def test_a_provider_that_is_not_there_may_be_tried_again() -> None:
    """Nothing listens."""
    async with google() as (_server, book):
        pass

    with pytest.raises(UpstreamFailed):
        await read(book)
