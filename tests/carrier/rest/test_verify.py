"""Verification codes: hashed, spoken by a call, or in the line's messages."""

from pathlib import Path

import pytest

from tests.carrier.lines import SilentLine
from tests.carrier.rest.rig import EPOCH, THEIRS, open_rig
from voice_engine.audio import mulaw
from voice_engine.carrier.listener import STTListener
from voice_engine.carrier.rest.answers import ApiError
from voice_engine.carrier.rest.verify import Verifications, sentence
from voice_engine.carrier.rest.voice import TTSVoice
from voice_engine.clock import run_virtual
from voice_engine.providers import SpeechContext, open_stt, open_tts


def test_the_code_itself_is_not_kept() -> None:
    verifications = Verifications(now=lambda: EPOCH)

    verification, code = verifications.start("VA1", THEIRS, "sms")

    assert len(code) == 6
    assert code.isdigit()
    assert code not in repr(verification)
    assert code not in str(verification.json("AC1"))
    assert code.encode() not in verification.digest


def test_codes_differ() -> None:
    verifications = Verifications(now=lambda: EPOCH)

    codes = {verifications.start("VA1", f"+1555123{number:04d}", "sms")[1] for number in range(50)}

    assert len(codes) > 45


def test_a_verification_belongs_to_its_service() -> None:
    verifications = Verifications(now=lambda: EPOCH)
    verification, code = verifications.start("VA1", THEIRS, "sms")

    with pytest.raises(ApiError) as caught:
        verifications.check("VA2", code, sid=verification.sid, to=None)

    assert caught.value.status == 404


def test_a_code_is_spoken_by_a_real_call(tmp_path: Path) -> None:
    """Digit by digit, twice, in the language asked for; and what was spoken is what is right."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, SilentLine)
            started = await rig.telephony.start_verification(THEIRS, "call", locale="es")
            (call,) = rig.carrier.exchange.book.all()
            await rig.ended(call.sid)

            ((text, language),) = rig.voice.said
            digits = "".join(char for char in text if char.isdigit())
            (line,) = rig.world.made[THEIRS]
            assert isinstance(line, SilentLine)
            assert language == "es"
            assert digits[:6] == digits[6:]
            assert line.audible_from_ms() >= 1000, "people say hello first"
            assert list(rig.carrier.verifications.messages) == []
            assert await rig.telephony.check_verification(started.sid, digits[:6]) == "approved"

    run_virtual(main())


@pytest.mark.speech
@pytest.mark.slow
@pytest.mark.parametrize(("locale", "code"), [("en", "402918"), ("es-ES", "775310")])
def test_a_spoken_code_is_understood(locale: str, code: str, tmp_path: Path) -> None:
    """What the line heard, written down by a recognizer, proves the number."""
    context = SpeechContext()

    async def main() -> None:
        async with open_rig(tmp_path, voice=TTSVoice(open_tts("local", context))) as rig:
            rig.world.put(THEIRS, SilentLine)
            rig.carrier.verifications = Verifications(now=rig.carrier.parts.now, make_code=lambda: code)
            started = await rig.telephony.start_verification(THEIRS, "call", locale=locale)
            (call,) = rig.carrier.exchange.book.all()
            await rig.ended(call.sid)
            (line,) = rig.world.made[THEIRS]
            assert isinstance(line, SilentLine)
            ears = STTListener(lambda: open_stt("local", context), locale[:2])
            digits = "".join(char for char in ears(mulaw.decode_pcm(bytes(line.heard))) if char.isdigit())

            assert digits == 2 * code
            assert await rig.telephony.check_verification(started.sid, digits[:6]) == "approved"

    try:
        run_virtual(main())
    finally:
        context.close()


def test_messages_are_read_on_the_carrier_s_own_page(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            await rig.telephony.start_verification(THEIRS, "sms")
            await rig.telephony.start_verification("+34600123456", "sms", locale="es")
            mine = (await rig.api("GET", "/carrier/messages", to=THEIRS)).json()["messages"]
            everything = (await rig.api("GET", "/carrier/messages")).json()["messages"]
            page = await rig.api("GET", "/carrier")

            assert [message["to"] for message in mine] == [THEIRS]
            assert [message["to"] for message in everything] == ["+34600123456", THEIRS]
            assert mine[0]["text"] in page.text
            assert (await rig.http.get("/carrier/messages")).status_code == 401

    run_virtual(main())


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"To": "12", "Channel": "sms"}, 60200), ({"To": THEIRS, "Channel": "email"}, 60200), ({"To": THEIRS}, 60200)],
)
def test_what_cannot_be_sent(fields: dict[str, str], code: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            service = f"/v2/Services/{rig.carrier.settings.verify_service_sid}"
            answer = await rig.api("POST", f"{service}/Verifications", **fields)
            stranger = await rig.api("POST", f"/v2/Services/VA{'9' * 32}/Verifications", To=THEIRS, Channel="sms")
            incomplete = await rig.api("POST", f"{service}/VerificationCheck", To=THEIRS)

            assert (answer.status_code, answer.json()["code"]) == (400, code)
            assert stranger.status_code == 404
            assert incomplete.json()["code"] == 60200

    run_virtual(main())


def test_a_pending_verification_can_be_fetched(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            started = await rig.telephony.start_verification(THEIRS, "sms")
            path = f"/v2/Services/{rig.carrier.settings.verify_service_sid}/Verifications/{started.sid}"
            fetched = await rig.api("GET", path)
            missing = await rig.api("GET", path[:-1] + "x")

            assert (fetched.json()["status"], fetched.json()["to"]) == ("pending", THEIRS)
            assert missing.status_code == 404

    run_virtual(main())


def test_sentences() -> None:
    assert sentence("123456", "en", spoken=False) == "Your verification code is: 123456."
    assert sentence("123456", "fr-FR", spoken=False) == "Your verification code is: 123456."
    assert "1, 2, 3, 4, 5, 6" in sentence("123456", "es-ES", spoken=True)
