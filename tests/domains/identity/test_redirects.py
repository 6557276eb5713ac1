"""Addresses judged by their parts."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.identity.redirects import (
    check_cli_redirect,
    check_registration,
    own_page,
    with_parameters,
)
from voice_engine.errors import InvalidInput

GOOD = [
    "http://localhost:1",
    "http://127.0.0.1:65535/a/b?c=d&e=%20",
    "http://localhost:8976/callback",
    "http://localhost:80?x",
]
ANY_TEXT = st.text(max_size=60) | st.text(alphabet="htp:/@.#?\\localhost127%[]\x00 \t1", max_size=60)


@pytest.mark.parametrize("uri", GOOD)
def test_a_listener_on_this_machine_passes(uri: str) -> None:
    assert check_cli_redirect(uri) == uri


@given(tail=ANY_TEXT)
def test_whatever_passes_reaches_this_machine_only(tail: str) -> None:
    """Judged by another parser than ours, and as browsers read a backslash."""
    for uri in (tail, f"http://{tail}", f"http://localhost:1{tail}", f"http://127.0.0.1{tail}"):
        try:
            check_cli_redirect(uri)
        except InvalidInput as error:
            assert error.code == "invalid_redirect_uri"
            continue
        parts = urlsplit(uri.replace("\\", "/"))
        assert (parts.scheme, parts.hostname in {"localhost", "127.0.0.1"}) == ("http", True)
        assert parts.port
        assert parts.username is None
        assert not parts.fragment


@given(target=ANY_TEXT)
def test_an_own_page_has_no_other_host(target: str) -> None:
    for text in (target, f"/{target}"):
        if own_page(text) is not None:
            read_by_browsers = urlsplit(text.replace("\\", "/"))
            assert (read_by_browsers.scheme, read_by_browsers.netloc) == ("", "")
            assert text.startswith("/")
            assert text.isprintable()


@given(value=st.binary(max_size=40))
def test_any_state_survives_the_way_back(value: bytes) -> None:
    uri = with_parameters("https://app.example/cb?keep=1", [("code", "c"), ("state", value), ("error", None)])

    pairs = parse_qsl(urlsplit(uri).query, keep_blank_values=True, encoding="latin-1")

    assert pairs == [("keep", "1"), ("code", "c"), ("state", value.decode("latin-1"))]


@pytest.mark.parametrize(
    ("uri", "extended"),
    [("http://a/b", "http://a/b?x=1"), ("http://a/b?", "http://a/b?x=1"), ("http://a/b?c", "http://a/b?c&x=1")],
)
def test_parameters_join_an_existing_query(uri: str, extended: str) -> None:
    assert with_parameters(uri, [("x", "1")]) == extended


def test_nothing_to_add_leaves_the_address_alone() -> None:
    assert with_parameters("http://a/b?", [("x", None)]) == "http://a/b?"


@pytest.mark.parametrize(
    "uri", ["https://app.example/cb", "http://localhost:3000/cb", "http://127.0.0.1/cb", "com.example.app:/cb"]
)
def test_a_client_may_register_what_nobody_else_can_listen_on(uri: str) -> None:
    assert check_registration(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/cb", "https://app.example/cb#f", "https://user@app.example/cb", "javascript:alert(1)",
        "data:text/html,x", "app:/cb", "https:///cb", "", "https://app.example/ cb", "//app.example", "https://[x/",
    ],
)  # fmt: skip
def test_a_client_may_not_register_an_address_that_leaks(uri: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_registration(uri)

    assert refused.value.code == "client_redirect_uri_invalid"
