"""What the adapter asks of Twilio, field by field; what comes back is held by the contract suite."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.telephony import CodeVerdict, Conference, DialOrder, MachineDetection, NumberSettings
from voice_engine.telephony.twilio.account import TwilioSettings
from voice_engine.telephony.twilio.rest import TwilioTelephony

SETTINGS = TwilioSettings(account_sid="AC1", auth_token="t", verify_service_sid="VA1")
CALL = {
    "sid": "CA1",
    "status": "queued",
    "to": "+15551234567",
    "from": "+14155550100",
    "direction": "outbound-api",
    "date_created": "Fri, 13 Feb 2026 12:00:00 +0000",
    "duration": None,
}
Use = Callable[[TwilioTelephony], Awaitable[Any]]


def asked(use: Use, answer: dict[str, Any], status: int = 201) -> tuple[httpx2.Request, dict[str, list[str]]]:
    """The one request that `use` makes, and its form."""
    requests: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(status, json=answer)

    async def main() -> None:
        telephony = TwilioTelephony(SETTINGS, transport=httpx2.MockTransport(handler))
        try:
            await use(telephony)
        finally:
            await telephony.aclose()

    run_virtual(main())
    (request,) = requests
    return request, parse_qs(request.content.decode(), keep_blank_values=True)


def test_an_order_says_everything_twilio_has_to_know() -> None:
    order = DialOrder(
        to="+15551234567",
        from_number="+14155550100",
        answer_url="https://e.test/voice?call=c1&attempt=a1",
        status_url="https://e.test/status?call=c1&attempt=a1",
        amd=MachineDetection.ASYNC,
        amd_url="https://e.test/amd?call=c1&attempt=a1",
        ring_timeout_s=25,
        time_limit_s=600,
    )

    _, form = asked(lambda telephony: telephony.place_call(order), CALL)

    assert form == {
        "To": ["+15551234567"],
        "From": ["+14155550100"],
        "Url": ["https://e.test/voice?call=c1&attempt=a1"],
        "StatusCallback": ["https://e.test/status?call=c1&attempt=a1"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "Timeout": ["25"],
        "TimeLimit": ["600"],
        "MachineDetection": ["Enable"],
        "AsyncAmd": ["true"],
        "AsyncAmdStatusCallback": ["https://e.test/amd?call=c1&attempt=a1"],
    }


def test_a_plain_order_asks_for_nothing_more() -> None:
    order = DialOrder(to="+15551234567", from_number="+14155550100", answer_url="https://e.test/voice")

    _, form = asked(lambda telephony: telephony.place_call(order), CALL)

    assert set(form) == {"To", "From", "Url", "Timeout"}


def test_a_second_leg_goes_straight_into_its_room() -> None:
    room = Conference(name="take<over>&1", ends_with_me=False, status_url="https://e.test/room?a=1&b=2")
    order = DialOrder(to="+15551234567", from_number="+14155550100", conference=room)

    _, form = asked(lambda telephony: telephony.place_call(order), CALL)

    assert "Url" not in form
    (document,) = form["Twiml"]
    assert "take&lt;over&gt;&amp;1</Conference>" in document
    assert 'endConferenceOnExit="false"' in document
    assert 'statusCallback="https://e.test/room?a=1&amp;b=2"' in document
    assert document.endswith("<Hangup/></Response>")


def test_reconciliation_counts_in_whole_seconds() -> None:
    """A call that was created in the very second of the attempt must be found."""
    answer = {"calls": [CALL, CALL | {"sid": "CA0", "date_created": "Fri, 13 Feb 2026 11:59:59 +0000"}]}
    found: list[str] = []

    async def use(telephony: TwilioTelephony) -> None:
        since = dt.datetime(2026, 2, 13, 12, 0, 0, 900_000, tzinfo=dt.UTC)
        calls = await telephony.find_calls(to="+15551234567", from_number="+14155550100", since=since)
        found.extend(call.call_sid for call in calls)

    request, _ = asked(use, answer, 200)

    assert found == ["CA1"]
    assert request.url.params["To"] == "+15551234567"
    assert "StartTime>" not in request.url.params, "a call that has not begun has no start"


def test_only_what_is_said_is_configured() -> None:
    number = {"sid": "PN1", "phone_number": "+14155550100", "date_created": "Fri, 13 Feb 2026 12:00:00 +0000"}
    settings = NumberSettings(voice_url="https://e.test/voice")

    _, form = asked(lambda telephony: telephony.configure_number("PN1", settings), number, 200)

    assert form == {"VoiceUrl": ["https://e.test/voice"], "VoiceMethod": ["POST"]}


@pytest.mark.parametrize(("country", "contains"), [("usa", None), ("US", "4"), ("US", "abc"), ("../x", None)])
def test_a_search_that_cannot_be_is_not_asked(country: str, contains: str | None) -> None:
    async def main() -> None:
        telephony = TwilioTelephony(SETTINGS, transport=httpx2.MockTransport(lambda _: httpx2.Response(500)))
        with pytest.raises(InvalidInput) as caught:
            await telephony.search_numbers(country, "local", contains=contains)
        assert caught.value.code == "bad_search"
        await telephony.aclose()

    run_virtual(main())


def test_an_area_without_numbers_is_an_empty_shelf() -> None:
    async def main() -> None:
        def handler(_: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(400, json={"code": 21452, "message": "none"})

        telephony = TwilioTelephony(SETTINGS, transport=httpx2.MockTransport(handler))
        assert list(await telephony.search_numbers("US", "local", area_code="999")) == []
        await telephony.aclose()

    run_virtual(main())


def test_other_refusals_of_a_search_are_told() -> None:
    async def main() -> None:
        def handler(_: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(400, json={"code": 21451, "message": "bad area"})

        telephony = TwilioTelephony(SETTINGS, transport=httpx2.MockTransport(handler))
        with pytest.raises(UpstreamFailed) as caught:
            await telephony.search_numbers("US", "local", area_code="99x")
        assert caught.value.code == "invalid_area_code"
        await telephony.aclose()

    run_virtual(main())


def test_codes_are_checked_by_the_verification_s_sid() -> None:
    verdicts: list[CodeVerdict] = []

    async def use(telephony: TwilioTelephony) -> None:
        verdicts.append(await telephony.check_verification("VE1", "123456"))

    request, form = asked(use, {"sid": "VE1", "status": "approved"})

    assert str(request.url) == "https://verify.twilio.com/v2/Services/VA1/VerificationCheck"
    assert form == {"Code": ["123456"], "VerificationSid": ["VE1"]}
    assert verdicts == [CodeVerdict.APPROVED]


def test_without_a_verify_service_the_settings_are_named() -> None:
    async def main() -> None:
        settings = TwilioSettings(account_sid="AC1", auth_token="t")
        telephony = TwilioTelephony(settings, transport=httpx2.MockTransport(lambda _: httpx2.Response(500)))
        with pytest.raises(InvalidInput) as caught:
            await telephony.start_verification("+15551234567", "sms")
        assert caught.value.code == "verify_service_missing"
        await telephony.aclose()

    run_virtual(main())
