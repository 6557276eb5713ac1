"""What we ask of issuers over HTTP, and that no document of theirs leads us inside."""

import pytest

from tests.fakes.oidc_provider import oidc_provider
from voice_engine.errors import UpstreamFailed
from voice_engine.providers.addresses import is_public
from voice_engine.providers.identity.outside import HttpOutside


class Names:
    """A name server that knows one answer, and counts how often it is asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.addresses


async def _refusal(outside: HttpOutside, url: str, origin: str) -> str:
    with pytest.raises(UpstreamFailed) as failed:
        await outside.get_json(url, origin=origin)
    assert failed.value.code == "identity_provider_unavailable"
    return failed.value.message


async def test_the_operators_issuer_may_be_on_this_machine() -> None:
    async with oidc_provider() as provider:
        document = await HttpOutside().get_json(f"{provider.url}/keys", origin=provider.url)

    assert [key["kid"] for key in document["keys"]] == ["k1"]


async def test_a_form_is_posted_and_a_4xx_is_an_answer() -> None:
    async with oidc_provider() as provider:
        status, answer = await HttpOutside().post_form(
            f"{provider.url}/token", {"code": "x & y"}, origin=provider.url
        )

    assert (status, answer["error"]) == (400, "invalid_grant")
    assert provider.forms == [{"code": "x & y"}]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/keys", "https://127.0.0.1:9/keys", "https://10.0.0.1/keys", "https://[::1]/keys",
        "https://169.254.169.254/latest/meta-data", "file:///etc/passwd", "https://user@keys.example/keys", "keys",
        "https://[::ffff:127.0.0.1]/keys", "http://keys.example/keys", "https:///keys", "https://[broken/keys",
    ],
)  # fmt: skip
async def test_a_document_does_not_lead_inside(url: str) -> None:
    await _refusal(HttpOutside(resolve=_as_written), url, "https://accounts.example")


async def _as_written(host: str, port: int) -> list[str]:
    return [host]


@pytest.mark.parametrize("addresses", [["10.1.2.3"], ["93.184.216.34", "127.0.0.1"], ["fd00::1"], []])
async def test_every_address_of_a_name_must_be_public(addresses: list[str]) -> None:
    """One public address beside a private one is how a name is made to look harmless."""
    message = await _refusal(
        HttpOutside(resolve=Names(*addresses)), "https://keys.example/keys", "https://accounts.example"
    )

    assert "not public" in message


async def test_another_port_of_the_issuers_host_is_not_its_origin() -> None:
    async with oidc_provider() as provider:
        await _refusal(HttpOutside(), f"{provider.url}/keys", "http://127.0.0.1:1")

    assert provider.requests == []


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name server that answers otherwise the second time changes nothing: it is asked once."""
    names = Names("192.0.2.1")  # documentation addresses are not public, so nothing is sent
    await _refusal(HttpOutside(resolve=names), "https://keys.example:8443/keys", "https://accounts.example")

    assert names.asked == [("keys.example", 8443)]


@pytest.mark.parametrize("fault", [302, 404, 500, 503])
async def test_other_answers_are_failures(fault: int) -> None:
    async with oidc_provider() as provider:
        provider.fault = fault
        await _refusal(HttpOutside(), f"{provider.url}/keys", provider.url)


async def test_an_issuer_that_is_gone_is_a_failure() -> None:
    async with oidc_provider() as provider:
        url = provider.url
    await _refusal(HttpOutside(), f"{url}/keys", url)


async def test_an_endless_answer_is_cut() -> None:
    async with oidc_provider() as provider:
        provider.document = {"padding": "x" * 600_000}
        message = await _refusal(HttpOutside(), f"{provider.url}/.well-known/openid-configuration", provider.url)

    assert "too long" in message


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.0.0.1", False),
        ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False),
        ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("::", False),
        ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:10.0.0.1", False), ("::ffff:8.8.8.8", False),
        ("2002:7f00:1::", False), ("64:ff9b::7f00:1", False), ("ff02::1", False), ("name", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public
