"""Which programs there are and how they prove themselves."""

from typing import Any

import pytest

from tests.fakes.identity import GPT, WEB_APP
from voice_engine.domains.identity.clients import Registration, build_clients
from voice_engine.domains.identity.scopes import ALL_SCOPES
from voice_engine.errors import InvalidInput, NotAllowed

GOOD: dict[str, Any] = {"id": "x", "name": "X", "redirect_uris": ("https://x.example/cb",)}


def test_the_built_in_clients_cannot_be_asked_for_codes() -> None:
    clients = build_clients()

    for name in ("cli", "app", "web"):
        client = clients.find(name)
        assert client is not None
        assert not client.may_authorize
        with pytest.raises(NotAllowed):
            clients.authenticate(name, None)


def test_the_gpt_client_is_there_and_gets_its_secret_by_configuration() -> None:
    gpt = build_clients().find("gpt")
    configured = build_clients([GPT]).find("gpt")

    assert gpt is not None
    assert (gpt.redirect_uris, gpt.derives_idempotency) == (frozenset(), True)
    assert configured is not None
    assert configured.is_confidential
    assert configured.scopes == gpt.scopes < ALL_SCOPES


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [
        ("gpt", None),
        ("gpt", "wrong"),
        ("gpt", ""),
        ("web-app", "a secret"),
        ("web-app", ""),
        ("nobody", None),
        ("", ""),
    ],
)
def test_a_client_that_does_not_prove_itself(client_id: str, secret: str | None) -> None:
    with pytest.raises(NotAllowed) as refused:
        build_clients([GPT, WEB_APP]).authenticate(client_id, secret)

    assert refused.value.code == "invalid_client"


def test_clients_that_prove_themselves() -> None:
    clients = build_clients([GPT, WEB_APP])

    assert clients.authenticate("gpt", GPT.secret).id == "gpt"
    assert clients.authenticate("web-app", None).id == "web-app"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "cli"}, "client_invalid"),
        ({"id": ""}, "client_invalid"),
        ({"redirect_uris": ()}, "client_invalid"),
        ({"secret": "too short"}, "client_invalid"),
        ({"redirect_uris": ("http://x.example/cb",)}, "client_redirect_uri_invalid"),
        ({"scope": "calls:delete"}, "invalid_scope"),
    ],
)
def test_a_wrong_registration_stops_the_start(change: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        build_clients([Registration(**{**GOOD, **change})])

    assert refused.value.code == code


def test_a_client_is_registered_once() -> None:
    with pytest.raises(InvalidInput):
        build_clients([Registration(**GOOD), Registration(**GOOD)])


def test_no_secret_is_shown_by_accident() -> None:
    assert (GPT.secret or "?") not in repr(GPT) + repr(build_clients([GPT]).find("gpt"))
