"""Doctor on a server that runs: everything is told, a part that breaks is one finding among the others."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voice_engine.bootstrap.checks import running
from voice_engine.bootstrap.checks.running import ServiceDoctor
from voice_engine.bootstrap.service import Place, Service, open_service
from voice_engine.config import load_settings
from voice_engine.domains.models import METADATA
from voice_engine.ports.doctor import Finding, well
from voice_engine.store import migrate
from voice_engine.web.account import CarrierAccount
from voice_engine.web.settings import WebSettings

URL = "http://127.0.0.1:9"
"""Nobody listens there."""


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    settings = load_settings({"VOICE_ENGINE_DATA_DIR": str(tmp_path)})
    migrate.upgrade(settings.store_url, METADATA)
    account = CarrierAccount(account_sid="AC" + "0" * 32, auth_token="0" * 32, generated=True)
    async with open_service(settings, Place(public_url=URL, carrier_url=URL, account=account)) as opened:
        yield opened


def no_speech(*, quick: bool) -> list[Finding]:
    """Models are looked at elsewhere; here it is said how."""
    return [well("speech", "quick" if quick else "in full")]


async def look(service: Service) -> dict[str, Finding]:
    doctor = ServiceDoctor(service, WebSettings(public_url=URL, auth_token="0" * 32))
    return {finding.subject: finding async for finding in doctor.examine()}


@pytest.mark.slow
async def test_everything_is_told_with_its_fix(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "speech", no_speech)

    found = await look(service)

    assert {found[subject].verdict for subject in ("python", "stt", "database", "secret key")} == {"ok"}
    assert found["speech"].detail == "quick", "a server that holds calls loads no model for a look"
    assert found["carrier account"].fix == "it runs beside serve: start voice-engine serve"
    assert (found["webhook"].verdict, found["worker"].verdict) == ("problem", "warning")
    assert not [subject for subject in found if subject.startswith("port ")]


@pytest.mark.slow
async def test_a_part_that_breaks_hides_no_other(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, quick: bool) -> list[Finding]:
        raise ZeroDivisionError

    monkeypatch.setattr(running, "speech", broken)

    found = await look(service)

    assert (found["speech"].verdict, found["speech"].detail) == ("problem", "ZeroDivisionError")
    assert found["database"].verdict == "ok"
