"""The account's numbers: who rings here, who is led here, and what a refusal means."""

import datetime as dt

from tests.fakes.telephony import FakeTelephony
from voice_engine.bootstrap.checks.carrier import ACCOUNT, carrier
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.doctor import Finding
from voice_engine.ports.telephony import NumberSettings

NOW = dt.datetime(2026, 2, 13, tzinfo=dt.UTC)
URL = "https://voice.example.com"
HERE = NumberSettings(voice_url=f"{URL}/v1/webhooks/twilio/voice", status_url=f"{URL}/v1/webhooks/twilio/status")


async def look(telephony: FakeTelephony, *, fix: bool = False, built_in: bool = False) -> list[Finding]:
    return await carrier(telephony, public_url=URL, built_in=built_in, fix=fix)


async def bought(telephony: FakeTelephony, settings: NumberSettings) -> str:
    (number, *_) = await telephony.search_numbers("US", "local", limit=1)
    return (await telephony.buy_number(number.e164, settings)).e164


async def test_a_number_that_rings_here_is_well() -> None:
    telephony = FakeTelephony(now=lambda: NOW)
    await bought(telephony, HERE)

    assert [finding.verdict for finding in await look(telephony)] == ["ok", "ok"]


async def test_a_number_that_rings_elsewhere_is_named_and_left_alone() -> None:
    telephony = FakeTelephony(now=lambda: NOW)
    e164 = await bought(telephony, NumberSettings(voice_url="https://demo.twilio.com/welcome/voice"))

    (_, finding) = await look(telephony)

    assert finding.verdict == "warning"
    assert "demo.twilio.com" in finding.detail
    assert "--fix" in str(finding.fix)
    number = await telephony.find_number(e164)
    assert number is not None
    assert number.voice_url == "https://demo.twilio.com/welcome/voice"


async def test_fixing_leads_it_here_for_good() -> None:
    telephony = FakeTelephony(now=lambda: NOW)
    e164 = await bought(
        telephony, NumberSettings(voice_url=HERE.voice_url, status_url="https://old.example/status")
    )

    (_, mended) = await look(telephony, fix=True)

    number = await telephony.find_number(e164)
    assert mended.verdict == "ok"
    assert number is not None
    assert (number.voice_url, number.status_url) == (HERE.voice_url, HERE.status_url)


async def test_a_number_that_cannot_be_led_here_is_a_problem() -> None:
    class Stubborn(FakeTelephony):
        async def configure_number(self, number_sid: str, settings: NumberSettings):  # type: ignore[no-untyped-def]  # raises
            raise UpstreamFailed("carrier_refused", "no", provider="twilio", retryable=False)

    telephony = Stubborn(now=lambda: NOW)
    await bought(telephony, NumberSettings(voice_url="https://elsewhere.example/voice"))

    assert [finding.verdict for finding in await look(telephony, fix=True)] == ["ok", "problem"]


async def test_refused_credentials_say_where_to_look() -> None:
    telephony = FakeTelephony(now=lambda: NOW)
    telephony.fail_next(UpstreamFailed("carrier_login_refused", "no", provider="twilio", retryable=False))

    (finding,) = await look(telephony)

    assert (finding.subject, finding.verdict) == (ACCOUNT, "problem")
    assert "VOICE_ENGINE_TWILIO__REGION" in str(finding.fix)


async def test_the_built_in_carrier_may_be_off() -> None:
    """It runs beside serve only."""
    telephony = FakeTelephony(now=lambda: NOW)
    telephony.fail_next(UpstreamFailed("carrier_unreachable", "no", provider="twilio", retryable=True))

    (finding,) = await look(telephony, built_in=True)

    assert finding.verdict == "warning"
