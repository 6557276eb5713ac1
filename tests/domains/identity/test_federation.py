"""id_tokens of other issuers: every way in which one can be wrong, and how often keys are fetched."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.fakes.identity import Clock
from tests.fakes.oidc_provider import Provider, b64, spare_key
from voice_engine.domains.identity.federation import Issuer, IssuerClient, SignedSecret
from voice_engine.errors import NotAllowed, UpstreamFailed

URL = "https://accounts.google.com"


class Direct:
    """`Outside` without sockets: the provider answers in place."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def get_json(self, url: str, *, origin: str) -> Mapping[str, Any]:
        return self._ask("GET", url, "")[1]

    async def post_form(self, url: str, form: Mapping[str, str], *, origin: str) -> tuple[int, Mapping[str, Any]]:
        return self._ask("POST", url, urlencode(form))

    def _ask(self, method: str, url: str, body: str) -> tuple[int, Mapping[str, Any]]:
        status, _headers, content = self._provider.answer(method, url.removeprefix(URL), body)
        if status >= 500:
            raise UpstreamFailed("identity_provider_unavailable", "down", provider="test", retryable=True)
        return status, json.loads(content)


class Rig:
    """A provider, our client of it, and the time of both."""

    def __init__(self, **issuer: Any) -> None:
        self.clock = Clock()
        self.provider = Provider(url=URL, now=self.clock.timestamp)
        self.provider.add_key("k1")
        self.provider.person = {"sub": "108", "email": "ada@example.com", "email_verified": True, "name": "Ada"}
        settings = {"audiences": frozenset({"our-client", "our-app"}), "client_id": "our-client", **issuer}
        self.client = IssuerClient(
            Issuer(name="google", url=URL, **settings), Direct(self.provider), now=self.clock
        )

    async def refusal(self, token: str, nonce: str | None = None) -> str:
        with pytest.raises(NotAllowed) as refused:
            await self.client.verify(token, nonce=nonce)
        return refused.value.code

    def key_fetches(self) -> int:
        return self.provider.requests.count("/keys")


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize(
    "claims",
    [
        {}, {"iss": "accounts.google.com"}, {"aud": "our-app"}, {"email": None}, {"nonce": "unasked"},
        {"aud": ["other", "our-client"], "azp": "our-client"},
    ],
)  # fmt: skip
async def test_good_tokens_pass(rig: Rig, claims: dict[str, Any]) -> None:
    identity = await rig.client.verify(rig.provider.id_token(**claims), nonce=None)

    assert (identity.issuer, identity.subject) == (URL, "108")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://accounts.google.com.evil.com"}, {"iss": "https://accounts.google.com/"}, {"iss": None},
        {"aud": "another-client"}, {"aud": []}, {"aud": None}, {"aud": {"our-client": 1}},
        {"aud": ["other", "our-client"]}, {"aud": ["other", "our-client"], "azp": "other"},
        {"exp": None}, {"iat": None}, {"exp": "never"}, {"exp": True}, {"sub": None}, {"sub": ""}, {"sub": 7},
        {"sub": "x" * 256},
    ],
)  # fmt: skip
async def test_wrong_claims_are_refused(rig: Rig, claims: dict[str, Any]) -> None:
    assert await rig.refusal(rig.provider.id_token(**claims)) == "invalid_identity_token"


@pytest.mark.parametrize(
    ("issued_s", "expires_s", "holds"),
    [
        (0, 3600, True),
        (-3600, -59, True),
        (-3600, -61, False),
        (59, 3600, True),
        (61, 3600, False),
        (-90_000, 9, False),
    ],
)
async def test_times_may_be_off_by_a_minute(rig: Rig, issued_s: int, expires_s: int, holds: bool) -> None:
    now = int(rig.clock.at.timestamp())
    token = rig.provider.id_token(iat=now + issued_s, exp=now + expires_s)

    if holds:
        await rig.client.verify(token, nonce=None)
    else:
        assert await rig.refusal(token) == "invalid_identity_token"


async def test_a_nonce_that_was_sent_must_come_back(rig: Rig) -> None:
    hashed = hashlib.sha256(b"n-1").hexdigest()

    await rig.client.verify(rig.provider.id_token(nonce="n-1"), nonce="n-1")
    await rig.client.verify(rig.provider.id_token(nonce=hashed), nonce="n-1")  # Apple's SDK
    for nonce in (None, "n-2", ""):
        assert await rig.refusal(rig.provider.id_token(nonce=nonce), nonce="n-1") == "invalid_identity_token"


async def test_algorithms_are_not_the_tokens_choice(rig: Rig) -> None:
    """`none`, and HS256 keyed with the public key, in each form that libraries have fallen for."""
    provider = rig.provider
    claims = json.loads(_unpadded(provider.id_token().split(".")[1]))
    public = provider.keys["k1"].public_key()
    forms = [
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1),
    ]
    tokens = [f"{_part({'alg': alg, 'kid': 'k1'})}.{_part(claims)}." for alg in ("none", "NONE", "")]
    for secret in forms:
        text = f"{_part({'alg': 'HS256', 'kid': 'k1'})}.{_part(claims)}"
        tokens.append(f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}")
    for alg in ("RS512", "PS256", "ES256", "HS256"):  # RS256's signature under another name
        tokens.append(provider.signed({"alg": alg, "kid": "k1"}, claims, provider.keys["k1"]))

    for token in tokens:
        assert await rig.refusal(token) == "invalid_identity_token"


async def test_a_strangers_key_is_refused(rig: Rig) -> None:
    stranger = spare_key("stranger")

    assert await rig.refusal(rig.provider.id_token(key=stranger)) == "invalid_identity_token"
    assert await rig.refusal(rig.provider.id_token("k9", key=stranger)) == "invalid_identity_token"


async def test_keys_are_fetched_once_for_many_tokens(rig: Rig) -> None:
    for _ in range(5):
        await rig.client.verify(rig.provider.id_token(), nonce=None)

    assert rig.key_fetches() == 1


async def test_a_new_key_is_found_and_forgers_cannot_make_us_fetch(rig: Rig) -> None:
    await rig.client.verify(rig.provider.id_token(), nonce=None)
    stranger = spare_key("stranger")

    for n in range(20):
        await rig.refusal(rig.provider.id_token(f"forged-{n}", key=stranger))
    assert rig.key_fetches() == 1

    rig.provider.add_key("k2")
    rig.clock.advance(seconds=60)
    await rig.client.verify(rig.provider.id_token("k2"), nonce=None)
    assert rig.key_fetches() == 2


async def test_a_withdrawn_key_is_refused_within_the_hour(rig: Rig) -> None:
    """A stale key id: the cache must not outlive the issuer's word."""
    await rig.client.verify(rig.provider.id_token(), nonce=None)
    rig.provider.add_key("k2")
    withdrawn = rig.provider.keys.pop("k1")
    rig.clock.advance(minutes=60)

    assert await rig.refusal(rig.provider.id_token("k1", key=withdrawn)) == "invalid_identity_token"


async def test_without_keys_nobody_can_be_verified(rig: Rig) -> None:
    rig.provider.fault = 503
    for _ in range(10):
        with pytest.raises(UpstreamFailed) as failed:
            await rig.client.verify(rig.provider.id_token(), nonce=None)
        assert failed.value.code == "identity_provider_unavailable"
    assert len(rig.provider.requests) == 1  # a failing issuer is not hammered

    rig.provider.fault = None
    rig.clock.advance(seconds=5)
    await rig.client.verify(rig.provider.id_token(), nonce=None)


async def test_known_keys_survive_the_issuers_outage_for_a_day(rig: Rig) -> None:
    await rig.client.verify(rig.provider.id_token(), nonce=None)
    rig.provider.fault = 500

    rig.clock.advance(hours=23)
    await rig.client.verify(rig.provider.id_token(), nonce=None)
    rig.clock.advance(hours=1)

    with pytest.raises(UpstreamFailed):
        await rig.client.verify(rig.provider.id_token(), nonce=None)


async def test_a_document_of_another_issuer_is_not_believed(rig: Rig) -> None:
    rig.provider.document = {"issuer": "https://evil.example"}

    with pytest.raises(UpstreamFailed):
        await rig.client.verify(rig.provider.id_token(), nonce=None)


async def test_unreadable_keys_do_not_spoil_the_others(rig: Rig) -> None:
    class Noisy(Direct):
        async def get_json(self, url: str, *, origin: str) -> Mapping[str, Any]:
            answer = dict(await super().get_json(url, origin=origin))
            if "keys" in answer:
                junk = [
                    7,
                    {},
                    {"kty": "EC"},
                    {"kty": "RSA", "kid": "j"},
                    {"kty": "RSA", "kid": "j", "n": "?", "e": 1},
                ]
                answer["keys"] = [*junk, *answer["keys"]]
            return answer

    client = IssuerClient(rig.client.issuer, Noisy(rig.provider), now=rig.clock)

    await client.verify(rig.provider.id_token(), nonce=None)


async def test_apples_client_secret_is_signed_for_each_use() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    rig = Rig(client_secret=SignedSecret(team_id="TEAM", key_id="KEY", private_key_pem=pem))

    with pytest.raises(NotAllowed):  # this provider knows another secret
        await rig.client.redeem("code-1", redirect_uri=None, verifier=None)

    header, claims, signature = rig.provider.forms[0]["client_secret"].split(".")
    assert json.loads(_unpadded(header)) | {"alg": "ES256", "kid": "KEY"} == json.loads(_unpadded(header))
    facts = json.loads(_unpadded(claims))
    assert (facts["iss"], facts["sub"], facts["aud"]) == ("TEAM", "our-client", URL)
    assert facts["exp"] - facts["iat"] == 300
    assert len(_unpadded(signature)) == 64


def _part(value: dict[str, Any]) -> str:
    return b64(json.dumps(value).encode())


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
