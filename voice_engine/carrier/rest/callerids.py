"""Phones that calls may show without being the customer's numbers, in one JSON file of the data directory."""

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from voice_engine.carrier.rest.answers import API_VERSION, Form, page, rfc2822
from voice_engine.carrier.rest.book import new_sid
from voice_engine.carrier.rest.numbers import write_whole
from voice_engine.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerId:
    """One of them."""

    sid: str
    e164: str
    created_at: str

    def json(self, account_sid: str) -> dict[str, Any]:
        """The resource as Twilio writes it."""
        created = rfc2822(dt.datetime.fromisoformat(self.created_at))
        return {
            "sid": self.sid,
            "account_sid": account_sid,
            "phone_number": self.e164,
            "friendly_name": self.e164,
            "date_created": created,
            "date_updated": created,
            "uri": f"/{API_VERSION}/Accounts/{account_sid}/OutgoingCallerIds/{self.sid}.json",
        }


class CallerIds:
    """All of them. Here a phone becomes one by its verification code: there is no telephone to be rung for more."""

    def __init__(self, path: Path, *, now: Callable[[], dt.datetime]) -> None:
        """Raises InvalidInput: `bad_numbers`."""
        self._path = path
        self._now = now
        self._writing = asyncio.Lock()
        self._all = {one.e164: one for one in _read(path)}

    def __contains__(self, e164: str) -> bool:
        return e164 in self._all

    async def add(self, e164: str) -> None:
        """A phone was verified; a repeat changes nothing."""
        if e164 in self._all:
            return
        self._all[e164] = CallerId(sid=new_sid("PN"), e164=e164, created_at=self._now().isoformat())
        async with self._writing:
            text = json.dumps([asdict(one) for one in self._all.values()], indent=1)
            await asyncio.get_running_loop().run_in_executor(None, write_whole, self._path, text)

    async def list(self, request: Request) -> Response:
        """`GET /OutgoingCallerIds.json`, of one number or all."""
        wanted = Form.query(request).get("PhoneNumber")
        account = request.path_params["account"]
        shown = [one.json(account) for one in self._all.values() if wanted in (None, one.e164)]
        return page(request, "outgoing_caller_ids", shown)


def _read(path: Path) -> list[CallerId]:
    if not path.exists():
        return []
    try:
        return [CallerId(**row) for row in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput("bad_numbers", f"{path}: not the carrier's caller ids ({error}); delete it") from error
