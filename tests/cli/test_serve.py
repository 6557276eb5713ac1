"""`serve`: who answers, under which URL, with whose token."""

import datetime as dt
from pathlib import Path

import pytest

from voice_engine.cli.serving.media import read_assistant, spec_for
from voice_engine.cli.serving.place import carrier_account, web_settings
from voice_engine.config import Settings, load_settings
from voice_engine.errors import InvalidInput
from voice_engine.web.account import CarrierAccount
from voice_engine.web.calls import IncomingCall

ACCOUNT = CarrierAccount(account_sid="AC" + "1" * 32, auth_token="2" * 32, generated=True)
CALL = IncomingCall(
    call_sid="CA" + "3" * 32,
    account_sid="AC" + "1" * 32,
    caller="+15550100",
    callee="+15550199",
    direction="inbound",
)


def settings(**environ: str) -> Settings:
    return load_settings({f"VOICE_ENGINE_{name}": value for name, value in environ.items()})


def stream_url(loaded: Settings, *, host: str = "127.0.0.1", media_port: int | None = None) -> str:
    return web_settings(loaded, ACCOUNT, host=host, port=8000, media_port=media_port).stream_url


def test_without_a_public_url_the_carrier_is_on_this_machine() -> None:
    assert stream_url(settings()) == "ws://127.0.0.1:8000/media/twilio/w1"
    assert stream_url(settings(), host="0.0.0.0") == "ws://127.0.0.1:8000/media/twilio/w1"
    assert stream_url(settings(), host="::1") == "ws://[::1]:8000/media/twilio/w1"


def test_with_a_public_url_streams_come_there() -> None:
    assert stream_url(settings(PUBLIC_URL="https://v.example")) == "wss://v.example/media/twilio/w1"


def test_the_lean_port_is_named_locally_and_by_its_own_public_url() -> None:
    assert stream_url(settings(), media_port=8001) == "ws://127.0.0.1:8001/media/twilio/w1"
    behind_one_proxy = settings(PUBLIC_URL="https://v.example")
    assert stream_url(behind_one_proxy, media_port=8001) == "wss://v.example/media/twilio/w1"
    apart = settings(PUBLIC_URL="https://v.example", MEDIA__PUBLIC_URL="https://m.example")
    assert stream_url(apart, media_port=8001) == "wss://m.example/media/twilio/w1"


def test_a_configured_account_wins_over_a_generated_one(tmp_path: Path) -> None:
    configured = carrier_account(settings(DATA_DIR=str(tmp_path / "d"), TWILIO__AUTH_TOKEN="abc"))

    assert (configured.auth_token, configured.generated) == ("abc", False)
    assert not (tmp_path / "d").exists()


def test_without_one_an_account_is_made_once(tmp_path: Path) -> None:
    made = carrier_account(settings(DATA_DIR=str(tmp_path)))

    assert carrier_account(settings(DATA_DIR=str(tmp_path))) == made


def test_a_call_gets_its_own_id_time_and_caller() -> None:
    template = read_assistant(None)

    spec = spec_for(CALL, template)

    assert (spec.call_id, spec.caller_phone) == (CALL.call_sid, "+15550100")
    assert spec.answered_at.utcoffset() is not None
    assert abs(spec.answered_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert spec.assistant == template.assistant


def test_a_withheld_number_is_no_number() -> None:
    hidden = IncomingCall(
        call_sid=CALL.call_sid, account_sid=CALL.account_sid, caller="anonymous", callee="", direction="inbound"
    )

    assert spec_for(hidden, read_assistant(None)).caller_phone is None


def test_an_unreadable_assistant_is_named(tmp_path: Path) -> None:
    file = tmp_path / "assistant.yaml"
    file.write_text("direction: inbound\nlanguage: klingon\n")

    with pytest.raises(InvalidInput, match="klingon") as caught:
        read_assistant(file)

    assert str(file) in caught.value.message
