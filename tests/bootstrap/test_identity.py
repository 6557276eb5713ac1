"""Identity's settings out of the environment."""

import json
from pathlib import Path

import pytest

from voice_engine.bootstrap.identity import first_sign_in_url, identity_settings, open_identity
from voice_engine.config import load_settings
from voice_engine.domains.identity.federation import SignedSecret
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.errors import InvalidInput
from voice_engine.store.engine import Store


def settings(public_url: str = "https://calls.example", **environ: str) -> IdentitySettings:
    loaded = load_settings({f"VOICE_ENGINE_AUTH__{name}": value for name, value in environ.items()})
    return identity_settings(loaded.auth, public_url=public_url)


@pytest.mark.parametrize(
    ("mode", "url", "is_open", "by_issuer"),
    [
        ("local", "http://127.0.0.1:8000", True, True),
        ("local", "http://localhost:8000", True, True),
        ("local", "http://[::1]:8000", True, True),
        ("local", "https://calls.example", False, True),
        ("local", "http://192.168.1.5:8000", False, True),
        ("open", "https://calls.example", True, True),
        ("closed", "http://127.0.0.1:8000", False, False),
    ],
)
def test_who_may_make_an_account(mode: str, url: str, is_open: bool, by_issuer: bool) -> None:
    """On the open network a stranger's account could place calls on the operator's bill."""
    made = settings(url, SIGN_UP=mode)

    assert (made.open_sign_up, made.issuers_may_add) == (is_open, by_issuer)


def test_clients_are_registered_by_the_environment() -> None:
    client = {
        "id": "crm",
        "name": "CRM",
        "redirect_uris": ["https://crm.example/cb"],
        "secret": "a-secret-of-the-crm",
    }

    (made,) = settings(CLIENTS=json.dumps([client])).clients

    assert (made.id, made.redirect_uris, made.secret) == ("crm", ("https://crm.example/cb",), "a-secret-of-the-crm")


def test_the_gpt_client_needs_both_of_its_settings() -> None:
    (gpt,) = settings(
        GPT_CLIENT_SECRET="s" * 20, GPT_REDIRECT_URIS="https://a.example/1, https://a.example/2"
    ).clients
    assert (gpt.id, len(gpt.redirect_uris)) == ("gpt", 2)

    for half in ({"GPT_CLIENT_SECRET": "s" * 20}, {"GPT_REDIRECT_URIS": "https://a.example/1"}):
        with pytest.raises(InvalidInput, match="GPT_CLIENT_SECRET"):
            settings(**half)


def test_issuers_are_off_without_ids() -> None:
    assert settings().issuers == ()


def test_google_accepts_the_apps_and_the_pages_ids() -> None:
    (google,) = settings(
        GOOGLE_CLIENT_IDS="app-1, app-2", GOOGLE_WEB_CLIENT_ID="web", GOOGLE_WEB_CLIENT_SECRET="s"
    ).issuers

    assert google.audiences == {"app-1", "app-2", "web"}
    assert google.names == {"https://accounts.google.com", "accounts.google.com"}


def test_apples_key_is_read_from_its_file(tmp_path: Path) -> None:
    key = tmp_path / "key.p8"
    key.write_text("-----BEGIN PRIVATE KEY-----")
    wanted = {"APPLE_CLIENT_ID": "com.example", "APPLE_PRIVATE_KEY": str(key), "APPLE_KEY_ID": "K"}

    (apple,) = settings(**wanted, APPLE_TEAM_ID="T").issuers
    assert isinstance(apple.client_secret, SignedSecret)
    assert apple.redeems_code

    with pytest.raises(InvalidInput, match="APPLE_TEAM_ID"):
        settings(**wanted)
    key.unlink()
    with pytest.raises(InvalidInput, match="cannot read"):
        settings(**wanted, APPLE_TEAM_ID="T")


async def test_the_first_start_has_a_link_under_the_public_address(store: Store, tmp_path: Path) -> None:
    loaded = load_settings({"VOICE_ENGINE_DATA_DIR": str(tmp_path)})
    identity = open_identity(loaded, store, public_url="https://calls.example")

    url = await first_sign_in_url(identity)

    assert url is not None
    assert url.startswith("https://calls.example/v1/auth/link?token=vel_")
