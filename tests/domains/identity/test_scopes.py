"""The 20 scopes are the contract's, in both languages, and only ever narrow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.api import contract
from voice_engine.domains.identity.scopes import ALL_SCOPES, DESCRIPTIONS, format_scope, narrow, parse_scope
from voice_engine.errors import InvalidInput


def test_the_scopes_are_the_contracts() -> None:
    flow = contract()["components"]["securitySchemes"]["kallyOAuth"]["flows"]["authorizationCode"]

    assert set(flow["scopes"]) == ALL_SCOPES
    assert len(ALL_SCOPES) == 20


def test_every_scope_is_explained_in_two_languages() -> None:
    assert all(english and spanish and english != spanish for english, spanish in DESCRIPTIONS.values())


@given(st.sets(st.sampled_from(sorted(ALL_SCOPES))))
def test_a_list_of_scopes_reads_back(scopes: set[str]) -> None:
    assert parse_scope(format_scope(scopes)) == scopes


@given(st.sets(st.sampled_from(sorted(ALL_SCOPES)), min_size=1), st.sets(st.sampled_from(sorted(ALL_SCOPES))))
def test_narrowing_never_widens(granted: set[str], asked: set[str]) -> None:
    try:
        given_scopes = narrow(frozenset(granted), format_scope(asked))
    except InvalidInput as error:
        assert error.code == "invalid_scope"
        assert not asked <= granted
        return
    assert given_scopes == (asked or granted)


@pytest.mark.parametrize(
    "text", ["calls:delete", "calls:read\tcalls:write", "CALLS:READ", "calls:read,calls:write"]
)
def test_a_strange_scope_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_scope(text)

    assert text not in refused.value.message
