"""Requests to addresses that customers chose: judged after resolution, pinned, never redirected, bounded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from voice_engine.errors import InvalidInput
from voice_engine.providers.guarded import AddressRefused, Guard, guarded_client

PUBLIC = "93.184.215.14"


class Names:
    """A name server that gives these answers one after the other, then the last."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Something on loopback that gives one answer to whatever is asked; its port, and what was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], asked


async def refused(guard: Guard, url: str) -> str:
    with pytest.raises(InvalidInput) as failed:
        await guard.check(url)
    return failed.value.code


async def test_a_public_host_over_https_is_let_through() -> None:
    names = Names([PUBLIC])

    await Guard(resolve=names).check("https://hooks.example.com/in")

    assert names.asked == [("hooks.example.com", 443)]


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.7"], ["169.254.169.254"], ["::1"], [PUBLIC, "192.168.0.2"], []]
)
async def test_a_name_that_leads_inside_is_refused(addresses: list[str]) -> None:
    """One bad address among good ones is enough: the name server decides which is asked."""
    assert await refused(Guard(resolve=Names(addresses)), "https://inside.example.com") == "address_refused"


async def test_the_operator_can_open_this_network_but_never_the_clouds_credentials() -> None:
    await Guard(allow_private=True, resolve=Names(["10.0.0.7"])).check("http://model.lan:8000/v1")

    for address in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0"):
        guard = Guard(allow_private=True, resolve=Names([address]))
        assert await refused(guard, "http://metadata.example.com") == "address_refused"


async def test_the_open_internet_is_reached_by_tls_only() -> None:
    assert await refused(Guard(allow_private=True, resolve=Names([PUBLIC])), "http://a.example") == "https_required"


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example", "a.example", "https://", "https://user:key@a.example", "https://a.example:0", "http://["],
)
async def test_what_is_no_address_of_a_host_is_refused(url: str) -> None:
    assert await refused(Guard(resolve=Names([PUBLIC])), url) == "url_invalid"


async def test_a_host_that_nobody_knows_is_said_to_be_unknown() -> None:
    async def nobody(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    assert await refused(Guard(resolve=nobody), "https://nowhere.example") == "host_unknown"


async def test_a_second_answer_of_the_name_server_is_judged_again() -> None:
    """What was public when it was saved may lead inside a minute later."""
    now_s = [0.0]
    guard = Guard(resolve=Names([PUBLIC], ["127.0.0.1"]), monotonic=lambda: now_s[0])

    await guard.check("https://rebinding.example")
    now_s[0] = 10.0
    assert await guard.address_of("https://rebinding.example") == PUBLIC
    now_s[0] = 60.0
    assert await refused(guard, "https://rebinding.example") == "address_refused"


async def test_the_connection_goes_to_the_judged_address_under_the_hosts_name() -> None:
    guard = Guard(allow_private=True, resolve=Names(["127.0.0.1"]))
    fine = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with server(fine) as (port, asked), guarded_client(guard, timeout_s=5.0) as http:
        answer = await http.get(f"http://model.lan:{port}/v1")

    assert answer.text == "ok"
    assert f"host: model.lan:{port}".encode() in asked[0].lower()


async def test_a_redirect_is_an_answer() -> None:
    """Else a public address could send us inside."""
    guard = Guard(allow_private=True, resolve=Names(["127.0.0.1"]))
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
    async with server(moved) as (port, asked), guarded_client(guard, timeout_s=5.0) as http:
        answer = await http.post(f"http://model.lan:{port}/v1")

    assert answer.status_code == 307
    assert len(asked) == 1


async def test_a_refused_address_is_never_connected_to() -> None:
    fine = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with server(fine) as (port, asked), guarded_client(Guard(), timeout_s=5.0) as http:
        with pytest.raises(AddressRefused) as failed:
            await http.get(f"http://127.0.0.1:{port}/")

    assert failed.value.code == "address_refused"
    assert not asked


async def test_an_answer_without_end_is_cut() -> None:
    guard = Guard(allow_private=True, resolve=Names(["127.0.0.1"]))
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
    async with server(body) as (port, _asked), guarded_client(guard, timeout_s=5.0, most_bytes=50_000) as http:
        with pytest.raises(httpx2.ReadError):
            await http.get(f"http://model.lan:{port}/")
