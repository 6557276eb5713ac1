"""Accounts: credentials, regions, and that nothing of the environment leaks into them."""

import httpx2
import pytest

from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput
from voice_engine.telephony.twilio.account import TwilioAccount, TwilioSettings
from voice_engine.telephony.twilio.rest import TwilioTelephony


def asked(settings: TwilioSettings) -> httpx2.Request:
    """The request that fetching a call makes."""
    requests: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(404, json={"code": 20404, "message": "no"})

    async def main() -> None:
        telephony = TwilioTelephony(settings, transport=httpx2.MockTransport(handler))
        await telephony.hang_up("CA1")
        await telephony.aclose()

    run_virtual(main())
    return requests[0]


SETTINGS = TwilioSettings(account_sid="AC1", auth_token="secret")


@pytest.mark.parametrize(
    ("region", "edge", "host"),
    [
        (None, None, "api.twilio.com"),
        ("ie1", None, "api.dublin.ie1.twilio.com"),
        ("au1", None, "api.sydney.au1.twilio.com"),
        ("us1", "singapore", "api.singapore.us1.twilio.com"),
        (None, "frankfurt", "api.frankfurt.us1.twilio.com"),
    ],
)
def test_a_region_is_reached_through_its_edge(region: str | None, edge: str | None, host: str) -> None:
    request = asked(TwilioSettings(account_sid="AC1", auth_token="t", region=region, edge=edge))

    assert request.url.host == host


def test_a_region_without_a_known_edge_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        TwilioAccount(TwilioSettings(account_sid="AC1", auth_token="t", region="mars1"))

    assert caught.value.code == "unknown_region"


@pytest.mark.parametrize(
    "base_url", ["127.0.0.1:8090", "ftp://c.test", "http://", "http://[::1", "http://c.test:0"]
)
def test_a_base_that_is_no_url_is_refused_at_once(base_url: str) -> None:
    """Later it would look like a dial of unknown outcome."""
    with pytest.raises(InvalidInput) as caught:
        TwilioAccount(TwilioSettings(account_sid="AC1", auth_token="t", base_url=base_url))

    assert caught.value.code == "bad_base_url"


def test_the_environment_does_not_move_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """`twilio` reads TWILIO_REGION and TWILIO_EDGE by itself."""
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")

    assert asked(SETTINGS).url.host == "api.twilio.com"


def test_an_api_key_logs_in_in_place_of_the_token() -> None:
    keyed = TwilioSettings(account_sid="AC1", auth_token="t", api_key="SK1", api_secret="s")

    assert asked(SETTINGS).headers["authorization"] == "Basic QUMxOnNlY3JldA=="
    assert asked(keyed).headers["authorization"] == "Basic U0sxOnM="
    assert asked(keyed).url.path == "/2010-04-01/Accounts/AC1/Calls/CA1.json"


def test_secrets_are_not_printed() -> None:
    keyed = TwilioSettings(account_sid="AC1", auth_token="hunter2", api_key="SK1", api_secret="hunter3")

    assert "hunter" not in repr(keyed)
