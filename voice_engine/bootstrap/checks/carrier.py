"""The carrier's account: do the credentials work, and do its numbers ring here?"""

from collections.abc import Sequence

from voice_engine.errors import VoiceEngineError
from voice_engine.ports.doctor import Finding, problem, warning, well
from voice_engine.ports.telephony import NumberSettings, NumberTelephony, OwnedNumber
from voice_engine.web.settings import CALLBACK_PATHS, VOICE_PATHS

ACCOUNT = "carrier account"


async def carrier(telephony: NumberTelephony, *, public_url: str, built_in: bool, fix: bool) -> list[Finding]:
    """The account and each of its numbers; with `fix`, numbers that lead elsewhere are led here."""
    try:
        numbers = await telephony.list_numbers()
    except VoiceEngineError as error:
        return [_unusable(error, built_in=built_in)]
    name = "built-in carrier" if built_in else "Twilio"
    findings = [well(ACCOUNT, f"{name}: credentials accepted, {len(numbers)} numbers")]
    if not numbers:
        buy = "POST /v1/phone-numbers/provision, or the carrier's console"
        findings.append(warning("numbers", "none: nobody can call in, and calls show no number", buy))
    return [*findings, *[await _number(telephony, one, public_url=public_url, fix=fix) for one in numbers]]


def _unusable(error: VoiceEngineError, *, built_in: bool) -> Finding:
    if built_in:
        return warning(ACCOUNT, f"built-in carrier: {error.code}", "it runs beside serve: start voice-engine serve")
    if error.code == "carrier_login_refused":
        mend = (
            "check VOICE_ENGINE_TWILIO__ACCOUNT_SID and __AUTH_TOKEN (console, Account → API keys & tokens); the "
            "credentials of one region do not work in another (VOICE_ENGINE_TWILIO__REGION)"
        )
        return problem(ACCOUNT, "Twilio refuses the credentials", mend)
    return problem(ACCOUNT, f"Twilio: {error.code}", error.message)


async def _number(telephony: NumberTelephony, number: OwnedNumber, *, public_url: str, fix: bool) -> Finding:
    subject = f"number {number.e164}"
    wrong = astray(number, public_url)
    if not wrong:
        return well(subject, f"rings here ({number.voice_url})")
    wanted = NumberSettings(
        voice_url=f"{public_url}{VOICE_PATHS[0]}", status_url=f"{public_url}{CALLBACK_PATHS['status'][0]}"
    )
    detail = "; ".join(wrong)
    if not fix:
        mend = f"voice-engine doctor --fix sets voice {wanted.voice_url} and status {wanted.status_url}"
        return warning(subject, detail, f"{mend}; leave it if the number is another program's")
    try:
        await telephony.configure_number(number.number_sid, wanted)
    except VoiceEngineError as error:
        return problem(subject, detail, f"could not be set: {error.message}")
    return well(subject, f"was astray ({detail}); now rings here")


def astray(number: OwnedNumber, public_url: str) -> Sequence[str]:
    """Which of a number's webhooks do not lead to this installation, in words."""
    voice = {f"{public_url}{path}" for path in VOICE_PATHS}
    status = {f"{public_url}{path}" for path in CALLBACK_PATHS["status"]}
    wrong = []
    if number.voice_url not in voice:
        wrong.append(f"voice leads to {number.voice_url or 'nowhere'}")
    if number.status_url not in status:
        wrong.append(f"status leads to {number.status_url or 'nowhere'}")
    return wrong
