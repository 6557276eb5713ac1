"""Identity out of settings: clients, issuers, keys' box; and the link that the first start prints."""

import datetime as dt
import ipaddress
from urllib.parse import urlsplit

from voice_engine.config import AuthSection, Settings
from voice_engine.domains.identity.clients import GPT_CLIENT, Registration
from voice_engine.domains.identity.federation import Issuer, SignedSecret
from voice_engine.domains.identity.service import Identity, build_identity
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.errors import InvalidInput
from voice_engine.providers.identity.outside import HttpOutside
from voice_engine.store.engine import Store
from voice_engine.store.secrets import open_box


def open_identity(settings: Settings, store: Store, *, public_url: str) -> Identity:
    """Identity over this store. `public_url` is the base under which browsers and programs reach us.

    Raises:
        InvalidInput: a client, an issuer or the secret key is set up wrongly.
    """
    secret = settings.secret_key.get_secret_value() if settings.secret_key else None
    return build_identity(
        store=store,
        box=open_box(secret_key=secret, data_dir=settings.data_dir),
        settings=identity_settings(settings.auth, public_url=public_url),
        now=lambda: dt.datetime.now(dt.UTC),
        outside=HttpOutside(),
    )


async def first_sign_in_url(identity: Identity) -> str | None:
    """The address that makes the operator's account, once, within 15 minutes; None when there is an account."""
    token = await identity.sign_in.first_link()
    return None if token is None else link_url(identity, token)


def link_url(identity: Identity, token: str) -> str:
    """Where a link's token is spent."""
    return f"{identity.settings.issuer}/v1/auth/link?token={token}"


def identity_settings(auth: AuthSection, *, public_url: str) -> IdentitySettings:
    """The domain's settings. Raises InvalidInput."""
    is_open = auth.sign_up == "open" or (auth.sign_up == "local" and is_this_machine(public_url))
    return IdentitySettings(
        issuer=public_url,
        open_sign_up=is_open,
        businesses_per_person=auth.businesses_per_person,
        issuers_may_add=auth.sign_up != "closed",
        clients=tuple(_clients(auth)),
        issuers=tuple(_issuers(auth)),
    )


def _clients(auth: AuthSection) -> list[Registration]:
    found = [
        Registration(
            id=client.id,
            name=client.name,
            redirect_uris=client.redirect_uris,
            secret=client.secret.get_secret_value() if client.secret else None,
            scope=client.scope,
            first_party=client.first_party,
        )
        for client in auth.clients
    ]
    addresses = _listed(auth.gpt_redirect_uris)
    if auth.gpt_client_secret is not None and addresses:
        secret = auth.gpt_client_secret.get_secret_value()
        found.append(Registration(id=GPT_CLIENT, name="ChatGPT", redirect_uris=addresses, secret=secret))
    elif auth.gpt_client_secret is not None or addresses:
        raise InvalidInput(
            "client_invalid",
            "set both VOICE_ENGINE_AUTH__GPT_CLIENT_SECRET and VOICE_ENGINE_AUTH__GPT_REDIRECT_URIS, or neither",
        )
    return found


def _issuers(auth: AuthSection) -> list[Issuer]:
    return [issuer for issuer in (_google(auth), _apple(auth)) if issuer.audiences]


def _google(auth: AuthSection) -> Issuer:
    secret = auth.google_web_client_secret
    return Issuer(
        name="google",
        url=auth.google_issuer,
        audiences=_audiences(auth.google_client_ids, auth.google_web_client_id),
        client_id=auth.google_web_client_id,
        client_secret=secret.get_secret_value() if secret else None,
    )


def _apple(auth: AuthSection) -> Issuer:
    return Issuer(
        name="apple",
        url=auth.apple_issuer,
        audiences=_audiences(auth.apple_client_ids, auth.apple_client_id),
        client_id=auth.apple_client_id,
        client_secret=_apple_secret(auth),
        redeems_code=True,
        web_scope="openid email name",
        posts_back=True,
    )


def _apple_secret(auth: AuthSection) -> SignedSecret | None:
    if auth.apple_private_key is None:
        return None
    if auth.apple_team_id is None or auth.apple_key_id is None:
        raise InvalidInput(
            "client_key_invalid",
            "Apple's sign-in key needs VOICE_ENGINE_AUTH__APPLE_TEAM_ID and VOICE_ENGINE_AUTH__APPLE_KEY_ID",
        )
    try:
        pem = auth.apple_private_key.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "client_key_invalid", f"cannot read Apple's sign-in key {auth.apple_private_key}"
        ) from error
    return SignedSecret(team_id=auth.apple_team_id, key_id=auth.apple_key_id, private_key_pem=pem)


def _audiences(listed: str, web: str | None) -> frozenset[str]:
    return frozenset(_listed(listed)) | (frozenset({web}) if web else frozenset())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(entry for entry in (part.strip() for part in text.split(",")) if entry)


def is_this_machine(url: str) -> bool:
    """Whether only this machine reaches the address."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
