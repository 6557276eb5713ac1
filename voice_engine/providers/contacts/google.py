"""Google contacts, over the People API: a refresh token in, pages of people out.

Protocol: https://developers.google.com/people/api/rest/v1/people.connections/list (paging, sync tokens and their
expiry with EXPIRED_SYNC_TOKEN) and RFC 6749, section 6, for the access token.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import structlog

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.contacts import People, Person

PERSON_FIELDS = "names,phoneNumbers,emailAddresses,biographies,metadata"
PAGE_SIZE = 1000
"""The API's most."""
MOST_PAGES = 100
TRIES = 3
TIMEOUT_S = 10.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSettings:
    """The client that accounts were connected with. The addresses are Google's, or a test's."""

    client_id: str
    client_secret: str
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
    people_url: str = "https://people.googleapis.com/v1/people/me/connections"
    timeout_s: float = TIMEOUT_S
    pause_s: float = 1.0
    """Before a request that was refused for its rate is tried again; doubled each time."""


class _SyncTokenExpired(Exception):
    """The mark is older than a week: read everything."""


class GoogleContacts:
    """`AddressBook` of Google accounts."""

    def __init__(self, settings: GoogleSettings) -> None:
        self._settings = settings

    async def read(self, refresh_token: str, *, sync_token: str | None) -> AsyncGenerator[People, None]:
        """Page by page; see the port.

        Raises:
            InvalidInput: `provider_not_connected`.
            UpstreamFailed: `service_unavailable`.
        """
        async with httpx2.AsyncClient(timeout=self._settings.timeout_s, trust_env=False) as http:
            token = await self._access_token(http, refresh_token)
            page: str | None = None
            for _ in range(MOST_PAGES):
                try:
                    answer = await self._page(http, token, page=page, sync_token=sync_token)
                except _SyncTokenExpired:
                    sync_token, page = None, None
                    continue
                page = answer.get("nextPageToken")
                yield People(persons=_persons(answer), sync_token=None if page else answer.get("nextSyncToken"))
                if not page:
                    return
        raise _failed(f"it has more than {MOST_PAGES} pages")

    async def _access_token(self, http: httpx2.AsyncClient, refresh_token: str) -> str:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
        }
        answer = await self._send(http, "POST", self._settings.token_url, data=form)
        body = _object(answer)
        if answer.status_code == 400 and body.get("error") == "invalid_grant":
            raise _withdrawn()
        token = body.get("access_token")
        if answer.status_code != 200 or not isinstance(token, str):
            raise _failed(f"its token endpoint answered {answer.status_code}")
        return token

    async def _page(
        self, http: httpx2.AsyncClient, token: str, *, page: str | None, sync_token: str | None
    ) -> Mapping[str, Any]:
        query = {"personFields": PERSON_FIELDS, "pageSize": str(PAGE_SIZE), "requestSyncToken": "true"}
        query |= {"pageToken": page} if page else {}
        query |= {"syncToken": sync_token} if sync_token else {}
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self._send(http, "GET", self._settings.people_url, params=query, headers=headers)
        body = _object(answer)
        if answer.status_code == 200:
            return body
        if answer.status_code in {400, 410} and "EXPIRED_SYNC_TOKEN" in answer.text and sync_token:
            raise _SyncTokenExpired
        if answer.status_code in {401, 403}:
            raise _withdrawn()
        raise _failed(f"it answered {answer.status_code}")

    async def _send(self, http: httpx2.AsyncClient, method: str, url: str, **options: Any) -> httpx2.Response:
        """One request; a refusal for its rate and a fault of theirs are waited out a few times."""
        pause_s = self._settings.pause_s
        for number in range(TRIES):
            try:
                async with asyncio.timeout(2 * self._settings.timeout_s):
                    answer = await http.request(method, url, **options)
            except (httpx2.HTTPError, TimeoutError) as error:
                raise _failed(f"it cannot be reached ({type(error).__name__})") from error
            if answer.status_code not in {429, 500, 502, 503, 504} or number == TRIES - 1:
                return answer
            _log.warning("contacts.provider_busy", provider="google", status=answer.status_code, again_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s *= 2
        raise AssertionError("the last try returns")


def _persons(answer: Mapping[str, Any]) -> tuple[Person, ...]:
    found = (_person(entry) for entry in answer.get("connections", ()) if isinstance(entry, dict))
    return tuple(person for person in found if person is not None)


def _person(entry: Mapping[str, Any]) -> Person | None:
    """One connection; None: it was deleted there, which deletes nothing here."""
    if (entry.get("metadata") or {}).get("deleted"):
        return None
    numbers = [one.get("canonicalForm") or one.get("value") for one in _primary_first(entry, "phoneNumbers")]
    return Person(
        id=str(entry.get("resourceName", "")),
        name=_value(entry, "names", "displayName") or "",
        numbers=tuple(str(number) for number in numbers if number),
        email=_value(entry, "emailAddresses", "value"),
        notes=_value(entry, "biographies", "value"),
    )


def _primary_first(entry: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    values = [one for one in entry.get(key) or () if isinstance(one, dict)]
    return sorted(values, key=lambda one: not (one.get("metadata") or {}).get("primary"))


def _value(entry: Mapping[str, Any], key: str, part: str) -> str | None:
    return next((str(one[part]) for one in _primary_first(entry, key) if one.get(part)), None)


def _object(answer: httpx2.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _withdrawn() -> InvalidInput:
    return InvalidInput("provider_not_connected", "access to the Google account was withdrawn: connect it again")


def _failed(reason: str) -> UpstreamFailed:
    return UpstreamFailed(
        "service_unavailable", f"the contacts cannot be read now: {reason}", provider="google", retryable=True
    )
