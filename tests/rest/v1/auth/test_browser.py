"""The pages' policy, and addresses as people should read them."""

import pytest

from voice_engine.rest.v1.auth.browser import authority_of, content_policy, source_of


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("http://localhost:8976/cb?x=1", "http://localhost:8976"),
        ("https://App.Example/cb", "https://app.example"),
        ("com.example.app:/cb", "com.example.app:"),
        ("https://a.example; script-src *", None),
        ("https://a.example 'unsafe-inline'/", None),
        ("https://*.example/", None),
    ],
)
def test_a_form_may_lead_to_the_client_and_nothing_is_smuggled_in(uri: str, source: str | None) -> None:
    assert source_of(uri) == source
    policy = content_policy(uri)
    assert policy.count("form-action 'self'") == 1
    assert "*" not in policy
    assert "script-src" not in policy


def test_a_person_reads_the_host() -> None:
    assert authority_of("https://app.example/long/path?q") == "app.example"
    assert authority_of("com.example.app:/cb") == "com.example.app:"
