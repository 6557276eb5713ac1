"""`voice-engine mail`, from the rows to the terminal."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.sign_in import ADDRESS
from voice_engine.cli.app import run
from voice_engine.cli.installation import Installation, at_installation
from voice_engine.domains.identity.registration import NewBusiness, Registration
from voice_engine.domains.mail.service import Outgoing
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.store import migrate
from voice_engine.store.engine import parse_url

PAGE = "http://127.0.0.1:8000/login"
NEW = NewBusiness(
    name="Jane \x1b[31mRed", email="jane@example.com", password="a fine password", organization_name="Acme"
)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation with the tables of the models."""

    def make(url: str, metadata: sa.MetaData) -> None:
        engine = sa.create_engine(parse_url(url).set(drivername="sqlite"))
        metadata.create_all(engine)
        engine.dispose()

    monkeypatch.setattr(migrate, "upgrade", make)
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def registered(installed: None) -> None:
    """Somebody has registered, and nobody has sent the letter yet."""

    async def work(here: Installation) -> None:
        outgoing = Outgoing(here.identity.box, now=here.now)
        registration = Registration(
            here.identity, outgoing, open_account=MinutesService(here.now).open_account, sign_in_page=PAGE
        )
        await registration.register(NEW, address=ADDRESS)

    at_installation(work)


@pytest.mark.usefixtures("registered")
def test_the_newest_letter_is_one_word_away(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mail"]) == 0
    shown = capsys.readouterr().out

    assert "To: jane@example.com" in shown
    assert f"\n{PAGE}\n" in shown
    assert "(QUEUED)" in shown
    assert "\x1b" not in shown, "a stranger's name orders the terminal nothing"


@pytest.mark.usefixtures("registered")
def test_letters_are_listed_and_shown_by_id(capsys: pytest.CaptureFixture[str]) -> None:
    run(["mail", "list", "--json", "--to", "JANE@example.com"])
    (listed,) = json.loads(capsys.readouterr().out)["mails"]
    run(["mail", "show", listed["id"], "--json"])
    shown = json.loads(capsys.readouterr().out)
    run(["mail", "list", "--to", "nobody@example.com"])
    nobodys = capsys.readouterr().out

    assert (listed["kind"], listed["state"], listed["fault"]) == ("WELCOME", "QUEUED", None)
    assert "text" not in listed, "a list on a shared screen opens no account"
    assert {**listed, "text": shown["text"]} == shown
    assert "/login" in shown["text"]
    assert nobodys == "No letter was written yet.\n"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("words", [["mail"], ["mail", "show", "nothing"]])
def test_what_is_not_there_is_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "mail_not_found"
