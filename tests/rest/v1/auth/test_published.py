"""What we publish for programs that verify and find us: keys and metadata."""

from joserfc import jwt
from joserfc.jwk import KeySet

from tests.fakes.accounts import Account
from tests.fakes.api import ApiClient, api_client
from tests.fakes.auth_app import auth_app
from tests.fakes.identity import ISSUER, Bench


async def test_the_published_keys_verify_our_tokens(bench: Bench, ada: Account, api: ApiClient) -> None:
    token = await bench.bearer(ada)

    published = (await api.get("/.well-known/jwks.json")).json()

    assert jwt.decode(token, KeySet.import_key_set(published), algorithms=["RS256"]).claims["iss"] == ISSUER
    assert {"d", "p", "q", "dp", "dq", "qi"}.isdisjoint(published["keys"][0])


async def test_the_metadata_names_endpoints_that_are_there(bench: Bench, api: ApiClient) -> None:
    facts = (await api.get("/.well-known/oauth-authorization-server")).json()

    assert facts["issuer"] == ISSUER
    assert facts["code_challenge_methods_supported"] == ["S256"]
    async with api_client(auth_app(bench)) as client:
        for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri"):
            path = facts[name].removeprefix(ISSUER)
            assert (await client.request("OPTIONS", path)).status_code == 405, name
