"""Whom the server takes a request to be from: the peer, unless the peer is a proxy that its operator named."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from voice_engine.config import load_settings
from voice_engine.errors import InvalidInput
from voice_engine.rest.v1.router import address_of
from voice_engine.web.server import server_config

CALLER, PROXY, INNER = "203.0.113.7", "10.1.2.3", "10.1.0.9"


async def asked_by(trusted: str, peer: str, *forwarded: str) -> tuple[str, str]:
    """Address and scheme that the application sees behind uvicorn as we set it up."""
    seen: list[tuple[str, str]] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append((address_of(Request(scope)), scope["scheme"]))

    config = server_config(app, trusted_proxies=trusted)
    config.load()
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded] + [(b"x-forwarded-proto", b"https")]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "headers": headers,
        "client": (peer, 4711),
    }
    application: Any = config.loaded_app
    await application(scope, None, None)
    return seen[0]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", PROXY])
async def test_by_default_nobody_says_who_else_asks(peer: str) -> None:
    """A program on this machine would be a new address at every request, and no limit would hold it."""
    assert await asked_by("", peer, CALLER) == (peer, "http")


@pytest.mark.parametrize("trusted", [PROXY, "10.1.0.0/16", f"127.0.0.1,{PROXY}"])
async def test_a_named_proxy_says_who_asks(trusted: str) -> None:
    assert await asked_by(trusted, PROXY, CALLER) == (CALLER, "https")


async def test_a_peer_that_was_not_named_is_not_believed() -> None:
    assert await asked_by("127.0.0.1", PROXY, CALLER) == (PROXY, "http")


async def test_what_the_client_itself_claims_to_forward_is_not_believed() -> None:
    """Each proxy adds whom it saw at the end: the last that is no proxy of ours is who asks."""
    assert (await asked_by("10.1.0.0/16", PROXY, f"198.51.100.1, {CALLER}, {INNER}"))[0] == CALLER
    assert (await asked_by(PROXY, PROXY, "198.51.100.1", CALLER))[0] == CALLER


@pytest.mark.parametrize("value", ["*", "proxy.example", "10.0.0.1/8", "127.0.0.1;10.0.0.1"])
def test_a_proxy_that_is_no_address_is_refused_at_the_start(value: str) -> None:
    """uvicorn would take it for a name that nobody ever has, or for everybody."""
    with pytest.raises(InvalidInput, match=r"(?i)trusted_proxies"):
        load_settings({"VOICE_ENGINE_WEB__TRUSTED_PROXIES": value})


def test_the_setting_is_addresses_and_networks() -> None:
    loaded = load_settings({"VOICE_ENGINE_WEB__TRUSTED_PROXIES": "127.0.0.1, ::1,10.0.0.0/8"})

    assert loaded.web.trusted_proxies == "127.0.0.1,::1,10.0.0.0/8"
