"""Signatures over the URL that Twilio used; the first vector is from Twilio's own documentation."""

import pytest

from voice_engine.errors import InvalidInput
from voice_engine.telephony.twilio.signature import SignatureValidator

TOKEN = "12345"
FORM = {"CallSid": ["CA1"], "From": ["+15550100"], "StatusCallbackEvent": ["initiated", "answered"]}


def validator(public_url: str = "https://phone.example.com") -> SignatureValidator:
    return SignatureValidator(TOKEN, public_url)


def test_the_documented_example_is_valid() -> None:
    """Twilio, "Security", "Validating signatures": its URL, parameters, token and signature."""
    form = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+14158675309"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "To": ["+18005551212"],
    }

    example = validator("https://mycompany.com")

    assert example.webhook("/myapp.php", "foo=1&bar=2", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


def test_a_signed_webhook_is_valid_and_a_changed_one_is_not() -> None:
    checked = validator()
    signature = checked.sign("/twilio/voice", "call=c1", FORM)

    assert checked.webhook("/twilio/voice", "call=c1", FORM, signature)
    assert not checked.webhook("/twilio/voice", "call=c2", FORM, signature)
    assert not checked.webhook("/twilio/voice", "call=c1", FORM | {"From": ["+15550199"]}, signature)
    assert not checked.webhook("/twilio/status", "call=c1", FORM, signature)


@pytest.mark.parametrize("signature", ["", "x", "ü" * 28, "A" * 28])
def test_a_forged_or_missing_signature_is_refused(signature: str) -> None:
    assert not validator().webhook("/twilio/voice", "", FORM, signature)
    assert not validator().upgrade("/media", "", signature)


@pytest.mark.parametrize(
    "used",
    [
        "wss://phone.example.com",
        "https://phone.example.com",
        "wss://phone.example.com:443",
        "https://phone.example.com:443",
    ],
)
@pytest.mark.parametrize("path", ["/media/twilio/w1", "/media/twilio/w1/"])
def test_an_upgrade_is_valid_over_each_url_twilio_may_have_signed(used: str, path: str) -> None:
    signature = validator(used.replace("wss:", "https:")).sign(path, "", {})
    if used.startswith("wss"):
        signature = _signed(f"{used}{path}")

    assert validator().upgrade("/media/twilio/w1", "", signature)


def _signed(url: str) -> str:
    import base64
    import hmac

    return base64.b64encode(hmac.new(TOKEN.encode(), url.encode(), "sha1").digest()).decode()


def test_a_webhook_is_not_valid_over_the_socket_scheme() -> None:
    assert not validator().webhook("/twilio/voice", "", {}, _signed("wss://phone.example.com/twilio/voice"))


def test_a_base_path_and_a_port_belong_to_the_url() -> None:
    behind = validator("https://example.com:8443/phone/")

    assert behind.webhook("/voice", "", {}, _signed("https://example.com:8443/phone/voice"))
    assert not validator("https://example.com").webhook("/voice", "", {}, _signed("https://example.com:8443/voice"))


def test_another_account_cannot_sign() -> None:
    signature = SignatureValidator("other", "https://phone.example.com").sign("/voice", "", FORM)

    assert not validator().webhook("/voice", "", FORM, signature)


@pytest.mark.parametrize(
    "url", ["phone.example.com", "ftp://example.com", "https://", "https://a:99999", "https://[", "https://a?b=c"]
)
def test_an_unusable_public_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        validator(url)

    assert caught.value.code == "bad_public_url"
