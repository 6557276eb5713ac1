import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc.jwk import RSAKey

from tests.fakes.accounts import Account
from tests.fakes.identity import Bench, Setup, open_bench, ready_key
from voice_engine.domains.identity.keys import generate_key
from voice_engine.domains.identity.signed import sign
from voice_engine.errors import NotAllowed
from voice_engine.store.engine import Store


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=="))
    assert isinstance(claims, dict)
    return claims


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}.{b64(signature)}"


async def refusal(bench: Bench, token: str) -> str:
    with pytest.raises(NotAllowed) as refused:
        await bench.identity.verify_access_token(token)
    return refused.value.code


async def test_a_token_stands_for_its_user(bench: Bench, ada: Account) -> None:
    token = await bench.bearer(ada, "calls:read", "calls:write")

    caller = await bench.identity.verify_access_token(token)

    assert (caller.user_id, caller.organization_id) == (ada.user_id, ada.organization_id)
    assert caller.scopes == {"calls:read", "calls:write"}
    assert caller.client_id == "cli"


async def test_a_token_carries_the_published_claims(bench: Bench, ada: Account) -> None:
    claims = claims_of(await bench.bearer(ada, "calls:read"))

    assert claims["sub"] == ada.user_id.replace("-", "")
    assert claims["scope"] == "calls:read"
    assert claims["exp"] - claims["iat"] == 3600
    assert claims.keys() >= {"iss", "aud", "jti", "client_id", "org"}


async def test_a_token_holds_to_its_last_second(bench: Bench, ada: Account) -> None:
    token = await bench.bearer(ada)

    bench.clock.advance(seconds=3599)
    await bench.identity.verify_access_token(token)
    bench.clock.advance(seconds=1)

    assert await refusal(bench, token) == "token_expired"


async def test_a_token_without_a_signature_is_refused(bench: Bench, ada: Account) -> None:
    claims = claims_of(await bench.bearer(ada))

    for header in (
        {"alg": "none"},
        {"alg": "none", "kid": ready_key().kid},
        {"alg": "None", "kid": ready_key().kid},
    ):
        assert await refusal(bench, forged(header, claims)) == "invalid_token"


async def test_the_public_key_is_no_secret_of_hs256(bench: Bench, ada: Account) -> None:
    claims = claims_of(await bench.bearer(ada))
    header = {"alg": "HS256", "typ": "at+jwt", "kid": ready_key().kid}
    pem = ready_key().as_pem(private=False)
    unsigned = forged(header, claims).rpartition(".")[0]
    signature = hmac.new(pem, unsigned.encode(), hashlib.sha256).digest()

    assert await refusal(bench, f"{unsigned}.{b64(signature)}") == "invalid_token"


async def test_another_key_under_our_key_id_is_refused(bench: Bench, ada: Account) -> None:
    claims = claims_of(await bench.bearer(ada))
    stranger = RSAKey.import_key({**generate_key().as_dict(private=True), "kid": ready_key().kid or ""})

    assert await refusal(bench, sign(claims, stranger, kind="at+jwt")) == "invalid_token"


async def test_a_key_in_the_token_is_not_believed(bench: Bench, ada: Account) -> None:
    stranger = generate_key()
    claims = claims_of(await bench.bearer(ada))
    token = sign(claims, stranger, kind="at+jwt")
    header = {"alg": "RS256", "typ": "at+jwt", "kid": ready_key().kid, "jwk": stranger.as_dict(private=False)}

    assert await refusal(bench, f"{b64(json.dumps(header).encode())}.{token.split('.', 1)[1]}") == "invalid_token"
    assert await refusal(bench, token) == "invalid_token"


@pytest.mark.parametrize("change", [{"iss": "https://elsewhere"}, {"aud": "https://elsewhere"}, {"aud": None}])
async def test_a_token_of_another_installation_is_refused(
    bench: Bench, ada: Account, change: dict[str, Any]
) -> None:
    claims = {**claims_of(await bench.bearer(ada)), **change}

    assert await refusal(bench, sign(claims, ready_key(), kind="at+jwt")) == "invalid_token"


async def test_an_id_token_is_no_access_token(bench: Bench, ada: Account) -> None:
    claims = claims_of(await bench.bearer(ada))

    assert await refusal(bench, sign(claims, ready_key(), kind="JWT")) == "invalid_token"


@pytest.mark.parametrize("change", [{"sub": "nobody"}, {"exp": "soon"}, {"exp": 1e300}, {"jti": None, "sub": None}])
async def test_claims_of_the_wrong_kind_are_refused(bench: Bench, ada: Account, change: dict[str, Any]) -> None:
    claims = {**claims_of(await bench.bearer(ada)), **change}

    assert await refusal(bench, sign(claims, ready_key(), kind="at+jwt")) == "invalid_token"


@pytest.mark.parametrize(
    "garbage", ["", "x", "a.b.c", "....", "é.é.é", "A" * 20_000, "e30.e30.e30", "bnVsbA.e30.e30"]
)
async def test_garbage_is_refused(bench: Bench, garbage: str) -> None:
    assert await refusal(bench, garbage) == "invalid_token"


async def test_a_token_that_expired_under_a_forged_signature_is_invalid_not_expired(
    bench: Bench, ada: Account
) -> None:
    token = await bench.bearer(ada)
    bench.clock.advance(hours=2)
    head, _, signature = token.rpartition(".")

    assert await refusal(bench, f"{head}.{'A' * len(signature)}") == "invalid_token"


async def test_verifying_costs_no_query(bench: Bench, ada: Account, store: Store) -> None:
    token = await bench.bearer(ada)
    await bench.identity.verify_access_token(token)

    queries: list[str] = []
    sa.event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *args: queries.append(args[2]))
    for _ in range(20):
        await bench.identity.verify_access_token(token)

    assert queries == []


async def test_the_list_of_revocations_is_read_once_in_its_lag(bench: Bench, ada: Account, store: Store) -> None:
    token = await bench.bearer(ada)
    await bench.identity.verify_access_token(token)
    queries: list[str] = []
    sa.event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *args: queries.append(args[2]))
    bench.clock.advance(seconds=2)
    for _ in range(20):
        await bench.identity.verify_access_token(token)

    assert len([query for query in queries if "revocations" in query]) == 1


async def test_tokens_outlive_a_restart(store: Store, ada: Account) -> None:
    token = await open_bench(store).bearer(ada)

    await open_bench(store).identity.verify_access_token(token)


async def test_a_revoked_token_is_refused_at_once_here_and_soon_elsewhere(store: Store, ada: Account) -> None:
    setup = Setup()
    here, elsewhere = open_bench(store, setup), open_bench(store, setup)
    token = await here.bearer(ada)
    await elsewhere.identity.verify_access_token(token)

    await here.identity.tokens.revoke(token, client=None)

    assert await refusal(here, token) == "invalid_token"
    await elsewhere.identity.verify_access_token(token)  # not yet known there
    setup.clock.advance(seconds=2)
    assert await refusal(elsewhere, token) == "invalid_token"
