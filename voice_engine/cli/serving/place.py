"""Where `serve` listens and how the carrier reaches it."""

import socket
from dataclasses import dataclass, replace

from voice_engine.bootstrap import Providers
from voice_engine.cli.serving.address import Address, find_address
from voice_engine.config import Settings
from voice_engine.web.account import CarrierAccount, local_account
from voice_engine.web.server import bind
from voice_engine.web.settings import LOCAL_URL, WebSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """The open sockets of one process. `url` is for people on this machine, `web.public_url` for the carrier."""

    listener: socket.socket
    lean: socket.socket | None
    url: str
    account: CarrierAccount
    web: WebSettings

    @property
    def address(self) -> Address:
        """What other commands are told."""
        host, port = self.listener.getsockname()[:2]
        return Address(host=host, port=port, media_port=self.lean.getsockname()[1] if self.lean else None)


def listen(settings: Settings, account: CarrierAccount, listener: socket.socket, providers: Providers) -> Listening:
    """What is known once the port is bound. Raises InvalidInput `address_unusable`."""
    host, port = listener.getsockname()[:2]
    lean = _lean_listener(settings, port)
    web = web_settings(settings, account, host=host, port=port, media_port=lean.getsockname()[1] if lean else None)
    if providers.max_calls is not None:
        web = replace(web, max_calls=min(web.max_calls, providers.max_calls))
    return Listening(listener=listener, lean=lean, url=f"http://{host}:{port}", account=account, web=web)


def carrier_account(settings: Settings) -> CarrierAccount:
    """The configured account, or the built-in carrier's, made when there is none."""
    twilio = settings.twilio
    if twilio.auth_token is None:
        return local_account(settings.data_dir)
    return CarrierAccount(
        account_sid=twilio.account_sid or "", auth_token=twilio.auth_token.get_secret_value(), generated=False
    )


def web_settings(
    settings: Settings, account: CarrierAccount, *, host: str, port: int, media_port: int | None
) -> WebSettings:
    """The web surface's settings. With no public URL configured, the carrier is on this machine."""
    media_url = settings.media.public_url
    if media_url is None and media_port is not None and settings.public_url is None:
        media_url = f"http://127.0.0.1:{media_port}"
    return WebSettings(
        public_url=settings.public_url or local_url(host, port),
        auth_token=account.auth_token,
        media_url=media_url,
        worker=settings.media.worker,
        max_calls=settings.media.max_calls,
        ticket_ttl_s=settings.media.ticket_ttl_s,
        start_timeout_s=settings.media.start_timeout_s,
        drain_timeout_s=settings.web.drain_timeout_s,
        trusted_proxies=settings.web.trusted_proxies,
        require_upgrade_signature=settings.media.require_signature,
    )


def local_url(host: str, port: int) -> str:
    """How programs on this machine reach who listens there."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def reached_url(settings: Settings) -> str:
    """Where this installation is reached: as configured, else where its server listens now, else where it would."""
    address = None if settings.public_url else find_address(settings.data_dir)
    return settings.public_url or (LOCAL_URL if address is None else local_url(address.host, address.port))


def _lean_listener(settings: Settings, port: int) -> socket.socket | None:
    if settings.media.transport != "picows":
        return None
    return bind(settings.media.host, settings.media.port or port + 1)
