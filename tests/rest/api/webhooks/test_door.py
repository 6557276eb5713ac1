"""Who is taken for the other engine where no secret is set."""

from typing import cast

import pytest

from voice_engine.domains.webhooks.service import Intake
from voice_engine.rest.api.webhooks.door import VapiDoor

NOBODY = cast(Intake, None)
"""A door asks nothing of what stands behind it."""


@pytest.mark.parametrize(
    ("is_open", "headers", "let_in"),
    [
        (True, {}, True),
        (True, {"origin": "https://evil.example.com"}, False),
        (True, {"origin": "null"}, False),
        (False, {}, False),
    ],
)
def test_without_a_secret_a_program_is_let_in_and_a_web_page_is_not(
    is_open: bool, headers: dict[str, str], let_in: bool
) -> None:
    """A page needs no leave to post plain text to this machine; it can only not hide where it comes from."""
    door = VapiDoor(intake=NOBODY, is_open_without_secret=is_open)

    assert door.may_prove(headers) is let_in
    assert door.is_authentic(headers, b"{}") is let_in
