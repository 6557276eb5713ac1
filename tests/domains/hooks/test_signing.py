"""Signatures as receivers check them."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from voice_engine.domains.hooks.signing import PREFIX, SECRET_BYTES, headers, new_secret, sign


def test_a_signature_is_that_of_the_specifications_example() -> None:
    """Standard Webhooks' own test vector: whoever has one of its libraries can check what we send."""
    signed = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_secret_is_a_new_one_of_full_length() -> None:
    first, second = new_secret(), new_secret()

    assert first != second
    assert len(base64.b64decode(first.removeprefix(PREFIX))) == SECRET_BYTES


def test_while_a_secret_is_replaced_both_sign() -> None:
    old, new = new_secret(), new_secret()

    sent = headers([new, old], "m1", 1_700_000_000, b"{}")

    assert sent["webhook-signature"].split(" ") == [sign(key, "m1", 1_700_000_000, b"{}") for key in (new, old)]
    assert (sent["webhook-id"], sent["webhook-timestamp"]) == ("m1", "1700000000")


def test_the_code_in_the_documentation_takes_ours_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """What receivers copy has to work."""
    text = (Path(__file__).parents[3] / "docs" / "OPERATIONS.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?def verified.*?)```", text, re.DOTALL)
    assert code is not None
    documented: dict[str, Any] = {}
    exec(code[1], documented)  # our own documentation
    old, new, now = new_secret(), new_secret(), 1_771_000_000
    monkeypatch.setattr(documented["time"], "time", lambda: now + 60)
    verified, sent = documented["verified"], headers([new, old], "m1", now, b"{}")

    assert verified(new, sent, b"{}")
    assert verified(old, sent, b"{}")
    assert not verified(new_secret(), sent, b"{}")
    assert not verified(new, sent, b"{ }")
    assert not verified(new, {**sent, "webhook-id": "m2"}, b"{}")
    assert not verified(new, headers([new], "m1", now - 600, b"{}"), b"{}")
