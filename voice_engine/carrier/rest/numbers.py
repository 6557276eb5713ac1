"""The customer's numbers, in one JSON file of the data directory: they survive a restart."""

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from voice_engine.carrier.rest import inventory
from voice_engine.carrier.rest.answers import API_VERSION, ApiError, Form, not_found, rfc2822
from voice_engine.carrier.rest.book import new_sid
from voice_engine.errors import InvalidInput

_URLS = ("voice_url", "voice_fallback_url", "status_callback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of the account. Empty URLs: nobody is asked."""

    sid: str
    e164: str
    friendly_name: str
    created_at: dt.datetime
    updated_at: dt.datetime
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"

    def json(self, account_sid: str) -> dict[str, Any]:
        """The resource as Twilio writes it."""
        return {
            "sid": self.sid,
            "account_sid": account_sid,
            "phone_number": self.e164,
            "friendly_name": self.friendly_name,
            "api_version": API_VERSION,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.updated_at),
            "voice_url": self.voice_url,
            "voice_method": self.voice_method,
            "voice_fallback_url": self.voice_fallback_url,
            "voice_fallback_method": self.voice_fallback_method,
            "voice_caller_id_lookup": False,
            "voice_application_sid": "",
            "voice_receive_mode": "voice",
            "status_callback": self.status_callback,
            "status_callback_method": self.status_callback_method,
            "sms_url": "",
            "sms_method": "POST",
            "sms_fallback_url": "",
            "sms_fallback_method": "POST",
            "sms_application_sid": "",
            "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
            "address_requirements": "none",
            "address_sid": None,
            "bundle_sid": None,
            "identity_sid": None,
            "trunk_sid": None,
            "emergency_status": "Inactive",
            "emergency_address_sid": None,
            "emergency_address_status": "unregistered",
            "beta": False,
            "origin": "twilio",
            "status": "in-use",
            "type": None,
            "uri": f"/{API_VERSION}/Accounts/{account_sid}/IncomingPhoneNumbers/{self.sid}.json",
            "subresource_uris": {},
        }


class Numbers:
    """All numbers of the account. Changes are atomic: checked and entered at once, then written to the file."""

    def __init__(self, path: Path, *, now: Callable[[], dt.datetime], first: Iterable[str] = ()) -> None:
        """`first` are owned from the beginning, when there is no file yet. Raises InvalidInput (`bad_numbers`)."""
        self._path = path
        self._now = now
        self._writing = asyncio.Lock()
        self._all = _read(path) if path.exists() else {}
        if not path.exists():
            for e164 in first:
                number = self._new(e164)
                self._all[number.sid] = number

    def all(self) -> list[Number]:
        """Every number, newest first."""
        return list(self._all.values())[::-1]

    def find(self, e164: str) -> Number | None:
        """The number if it is the account's."""
        return next((number for number in self._all.values() if number.e164 == e164), None)

    def get(self, sid: str) -> Number:
        """A number by its id. Raises ApiError: 404."""
        if sid not in self._all:
            raise not_found(f"/IncomingPhoneNumbers/{sid}")
        return self._all[sid]

    async def buy(self, form: Form) -> Number:
        """Buy a certain number, or any of an area. Raises ApiError: 400 with 21421, 21422, 21451, 21452."""
        number = read_settings(form, self._new(self._wanted(form)))
        self._all[number.sid] = number
        await self._write()
        return number

    async def change(self, sid: str, form: Form) -> Number:
        """Change settings; what is left out stays. Raises ApiError."""
        changed = replace(read_settings(form, self.get(sid)), updated_at=self._now())
        self._all[sid] = changed
        await self._write()
        return changed

    async def release(self, sid: str) -> None:
        """Give a number back: it is for sale again. Raises ApiError: 404."""
        self.get(sid)
        del self._all[sid]
        await self._write()

    def _wanted(self, form: Form) -> str:
        e164, area = form.get("PhoneNumber"), form.get("AreaCode")
        if e164 is not None:
            if not e164.startswith("+") or not e164[1:].isdigit():
                raise ApiError(400, 21421, f"PhoneNumber {e164} is invalid")
            if inventory.find(e164) is None or self.find(e164) is not None:
                raise ApiError(400, 21422, f"PhoneNumber {e164} is not available")
            return e164
        if area is None:
            raise ApiError(400, 21421, "PhoneNumber or AreaCode is required")
        if not (len(area) == 3 and area.isascii() and area.isdigit()):
            raise ApiError(400, 21451, f"AreaCode {area} is invalid")
        free = (one.e164 for one in inventory.shelf("US", "Local", area_code=area) if self.find(one.e164) is None)
        chosen = next(free, None)
        if chosen is None:
            raise ApiError(400, 21452, f"No phone numbers found in area code {area}")
        return chosen

    def _new(self, e164: str) -> Number:
        now = self._now()
        return Number(sid=new_sid("PN"), e164=e164, friendly_name=e164, created_at=now, updated_at=now)

    async def _write(self) -> None:
        async with self._writing:
            text = json.dumps([_row(number) for number in self._all.values()], indent=1)
            await asyncio.get_running_loop().run_in_executor(None, write_whole, self._path, text)


def read_settings(form: Form, number: Number) -> Number:
    """`number` with the settings that a form has. Raises ApiError: 21402 for what is no URL."""
    changed: dict[str, str] = {}
    for name in _URLS:
        field = "".join(part.capitalize() for part in name.split("_"))
        if field in form:
            changed[name] = form.url(field, code=21402) or ""
        method = f"{name.removesuffix('_url')}_method"
        method_field = "".join(part.capitalize() for part in method.split("_"))
        if method_field in form:
            changed[method] = form.method(method_field)
    if friendly_name := form.get("FriendlyName"):
        changed["friendly_name"] = friendly_name[:64]
    return replace(number, **changed)  # type: ignore[arg-type]  # every key is a text field


def _row(number: Number) -> dict[str, Any]:
    return asdict(number) | {
        "created_at": number.created_at.isoformat(),
        "updated_at": number.updated_at.isoformat(),
    }


def _read(path: Path) -> dict[str, Number]:
    try:
        rows = json.loads(path.read_text("utf-8"))
        for row in rows:
            row["created_at"] = dt.datetime.fromisoformat(row["created_at"])
            row["updated_at"] = dt.datetime.fromisoformat(row["updated_at"])
        return {row["sid"]: Number(**row) for row in rows}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InvalidInput("bad_numbers", f"{path}: not the carrier's numbers ({error}); delete it") from error


def write_whole(path: Path, text: str) -> None:
    """Whole or not at all: a crash leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)
