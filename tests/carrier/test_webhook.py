"""Webhook requests: Twilio's published signature example, and where a request may go."""

import pytest

from voice_engine.carrier.webhook import Webhooks, incoming_call, sign
from voice_engine.errors import UpstreamFailed


def test_the_signature_is_that_of_twilios_security_page() -> None:
    """Their example: token 12345, this URL, these five parameters."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }

    signature = sign("https://mycompany.com/myapp.php?foo=1&bar=2", form, "12345")

    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_request_never_leaves_the_engines_url() -> None:
    """An action URL that names another host is refused before anything is sent."""
    webhooks = Webhooks(connect_url="http://127.0.0.1:1", token="t", public_url="https://line.test")

    with pytest.raises(UpstreamFailed, match="not below"):
        webhooks.post("https://evil.test/next", {})


def test_an_incoming_call_names_both_parties_and_its_sids() -> None:
    form = incoming_call("CA1", "AC1", caller="+1555", callee="+1666")

    assert (form["CallSid"], form["AccountSid"], form["From"], form["To"]) == ("CA1", "AC1", "+1555", "+1666")
    assert (form["Direction"], form["CallStatus"]) == ("inbound", "ringing")
