"""One Twilio account: its settings, `twilio`'s client over our HTTP client, and where errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from twilio.rest import Client  # type: ignore[import-untyped]  # ships no types

from voice_engine.errors import InvalidInput
from voice_engine.telephony.twilio.faults import translate
from voice_engine.telephony.twilio.http import AnswerLost, Refused, TwilioHttp, Unreachable

EDGES = {"us1": "ashburn", "ie1": "dublin", "au1": "sydney"}
"""A region is reached through an edge; these stand beside each (Twilio, "Regions and edge locations")."""

_NO_ENVIRONMENT = {"TWILIO": "the settings say everything"}
"""`twilio` reads os.environ when given an empty mapping; a stray TWILIO_REGION there would move our calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioSettings:
    """An account. `base_url` None: Twilio itself; else where all of its hosts' paths are served.

    `api_key` and `api_secret` take the place of the token for requests (webhooks are signed with the token in any
    case). `region` needs the credentials of that region; `edge` None: the one beside it. `verify_service_sid` None:
    no verification codes.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    api_key: str | None = None
    api_secret: str | None = field(default=None, repr=False)
    base_url: str | None = None
    region: str | None = None
    edge: str | None = None
    verify_service_sid: str | None = None
    timeout_s: float = 10.0


class TwilioAccount:
    """What every part of the adapter shares. `transport` takes the network's place in tests."""

    def __init__(self, settings: TwilioSettings, *, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        """Raises InvalidInput: `unknown_region`, `bad_base_url`."""
        _check_base(settings.base_url)
        self.settings = settings
        self.http = TwilioHttp(timeout_s=settings.timeout_s, base_url=settings.base_url, transport=transport)
        self.client: Any = Client(
            username=settings.api_key or settings.account_sid,
            password=settings.api_secret if settings.api_key else settings.auth_token,
            account_sid=settings.account_sid,
            region=settings.region,
            edge=_edge(settings),
            http_client=self.http,
            environment=_NO_ENVIRONMENT,
        )

    @property
    def resources(self) -> Any:
        """The account's resources of the 2010 API, in `twilio`'s untyped words."""
        return self.client.api.v2010.account

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.close()

    @contextmanager
    def errors(self, *, creates: bool = False, missing: str = "carrier_resource_not_found") -> Iterator[None]:
        """Turn what a request ends in into our errors; see `faults.translate`."""
        try:
            yield
        except (Refused, Unreachable, AnswerLost) as error:
            raise translate(error, creates=creates, missing=missing) from error


def _check_base(base_url: str | None) -> None:
    if base_url is None:
        return
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidInput("bad_base_url", f"{base_url!r} is not an http(s) URL of a carrier's API")


def _edge(settings: TwilioSettings) -> str | None:
    if settings.edge or not settings.region:
        return settings.edge
    if settings.region not in EDGES:
        known = ", ".join(sorted(EDGES))
        raise InvalidInput("unknown_region", f"no edge is known for region {settings.region!r} ({known}); set it")
    return EDGES[settings.region]
