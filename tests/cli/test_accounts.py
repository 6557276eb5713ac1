"""`voice-engine user` and `voice-engine token`, from the command line to the rows."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from voice_engine.cli.app import run
from voice_engine.store import migrate
from voice_engine.store.engine import parse_url


class Terminal:
    """Runs commands on an installation of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *words: str, typed: str = "") -> tuple[int, str]:
        """Exit status and standard output."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = run(list(words))
        return status, self._capsys.readouterr().out

    def json(self, *words: str, typed: str = "") -> dict[str, Any]:
        """The document of a command that must succeed."""
        status, text = self(*words, "--json", typed=typed)
        document = json.loads(text)
        assert isinstance(document, dict)
        assert status == 0, document
        return document

    def refusal(self, *words: str, typed: str = "") -> str:
        """The code of a command that must fail."""
        status, text = self(*words, "--json", typed=typed)
        assert status == 2, text
        return str(json.loads(text)["error"]["code"])


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """The schema is made from the models: migrations are the store's own tests' business."""

    def make(url: str, metadata: sa.MetaData) -> None:
        engine = sa.create_engine(parse_url(url).set(drivername="sqlite"))
        metadata.create_all(engine)
        engine.dispose()

    monkeypatch.setattr(migrate, "upgrade", make)
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path / "data"))
    return Terminal(capsys, monkeypatch)


def test_an_account_is_made_and_listed(terminal: Terminal) -> None:
    made = terminal.json(
        "user", "add", "Ada@Example.com", "--name", "Ada L", "--operator", typed="a fine password\n"
    )

    (listed,) = terminal.json("user", "list")["users"]

    assert made == listed
    assert (listed["email"], listed["operator"], listed["consented"]) == ("ada@example.com", True, False)
    assert "ada@example.com  Ada L  operator" in terminal("user", "list")[1]


def test_an_empty_installation_says_how_to_begin(terminal: Terminal) -> None:
    assert "serve prints a link" in terminal("user", "list")[1]
    assert "token create makes one" in terminal("token", "list")[1]
    assert terminal.refusal("token", "create") == "user_not_found"


@pytest.mark.parametrize(
    ("email", "typed", "code"),
    [("no address", "a fine password\n", "email_invalid"), ("ada@example.com", "short\n", "password_too_short")],
)
def test_what_cannot_be_an_account_is_refused(terminal: Terminal, email: str, typed: str, code: str) -> None:
    assert terminal.refusal("user", "add", email, typed=typed) == code


def test_an_address_has_one_account(terminal: Terminal) -> None:
    terminal.json("user", "add", "ada@example.com")

    assert terminal.refusal("user", "add", "ADA@example.com") == "email_taken"


def test_a_token_is_shown_once_and_listed_by_its_beginning(terminal: Terminal) -> None:
    terminal.json("user", "add", "ada@example.com")

    status, shown = terminal("token", "create", "--label", "crm", "--scope", "calls:read", "--days", "30")
    token = shown.strip()
    (listed,) = terminal.json("token", "list")["tokens"]

    assert status == 0
    assert token.startswith("ve_")
    assert len(token) > 40
    assert (listed["prefix"], listed["label"], listed["scope"]) == (token[:9], "crm", "calls:read")
    assert token not in terminal("token", "list")[1]


def test_whose_token_it_is_must_be_clear(terminal: Terminal) -> None:
    terminal.json("user", "add", "ada@example.com")
    terminal.json("user", "add", "bob@example.com")

    assert terminal.refusal("token", "create") == "user_unclear"
    made = terminal.json("token", "create", "--user", "Bob@example.com")
    bob = next(user for user in terminal.json("user", "list")["users"] if user["email"] == "bob@example.com")
    assert made["user_id"] == bob["id"]


def test_an_unknown_scope_is_refused(terminal: Terminal) -> None:
    terminal.json("user", "add", "ada@example.com")

    assert terminal.refusal("token", "create", "--scope", "calls:delete") == "invalid_scope"


def test_a_token_is_revoked_by_id_or_beginning_once(terminal: Terminal) -> None:
    terminal.json("user", "add", "ada@example.com")
    first, second = terminal.json("token", "create"), terminal.json("token", "create")

    terminal.json("token", "revoke", first["id"])
    terminal.json("token", "revoke", second["token"])

    assert terminal.refusal("token", "revoke", first["id"]) == "token_not_found"
    assert [token["revoked_at"] is None for token in terminal.json("token", "list")["tokens"]] == [False, False]


def test_a_link_is_printed_for_a_known_account(terminal: Terminal) -> None:
    terminal.json("user", "add", "ada@example.com")

    assert terminal.json("user", "link", "ada@example.com")["url"].startswith(
        "http://127.0.0.1:8000/v1/auth/link?token=vel_"
    )
    assert terminal.refusal("user", "link", "eve@example.com") == "user_not_found"


def test_a_closed_account_loses_its_tokens_and_can_be_reopened(terminal: Terminal) -> None:
    terminal.json("user", "add", "ada@example.com")
    terminal.json("token", "create")

    terminal.json("user", "disable", "ada@example.com")
    assert terminal.json("user", "list")["users"][0]["disabled"]
    assert terminal.json("token", "list")["tokens"][0]["revoked_at"]
    assert terminal.refusal("token", "create") == "user_not_found"
    terminal.json("user", "disable", "ada@example.com", "--enable")

    assert not terminal.json("user", "list")["users"][0]["disabled"]


def test_a_password_is_changed_and_tokens_for_servers_stay(terminal: Terminal) -> None:
    terminal.json("user", "add", "ada@example.com", typed="a fine password\n")
    terminal.json("token", "create")

    terminal.json("user", "password", "ada@example.com", typed="another password\n")

    assert terminal.json("token", "list")["tokens"][0]["revoked_at"] is None
    assert terminal.refusal("user", "password", "ada@example.com", typed="short\n") == "password_too_short"


def test_names_are_printed_as_they_are(terminal: Terminal) -> None:
    """A name in square brackets is no style of the console's."""
    terminal.json("user", "add", "ada@example.com", "--name", "[red]Ada[/]")

    assert "[red]Ada[/]" in terminal("user", "list")[1]
