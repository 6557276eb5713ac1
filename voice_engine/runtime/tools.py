"""Performs a policy's look-ups against the calendar and knowledge ports and shapes their answers."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voice_engine.core.dialogue.actions import UseTool
from voice_engine.core.dialogue.commands import ToolResult
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.calendar import Booking, BookingRequest, Calendar
from voice_engine.ports.knowledge import Knowledge

LASTING = frozenset({"calendar.book", "calendar.cancel"})
"""Tools that change something: once begun they run to their end, whoever interrupts."""


class Toolbox:
    """The tools of one call. `call_id` keys bookings, so that a repeated request books once."""

    def __init__(
        self, *, call_id: str, calendar: Calendar | None, knowledge: Knowledge | None, timeout_ms: int
    ) -> None:
        self._call_id = call_id
        self._calendar = calendar
        self._knowledge = knowledge
        self._timeout_s = timeout_ms / 1000

    async def use(self, action: UseTool) -> ToolResult:
        """Run one tool; every failure becomes a `ToolResult` with a stable error code."""
        try:
            async with asyncio.timeout(self._timeout_s):
                value = await self._run(action)
        except TimeoutError:
            return ToolResult(id=action.id, error="tool_timeout")
        except VoiceEngineError as error:
            return ToolResult(id=action.id, error=error.code)
        return ToolResult(id=action.id, value=value)

    async def _run(self, action: UseTool) -> Any:
        family, _, verb = action.tool.partition(".")
        if family == "knowledge" and self._knowledge is not None:
            passages = await self._knowledge.search(str(action.args["query"]))
            return [{"key": p.key, "text": p.text, "score": p.score} for p in passages]
        if family == "calendar" and self._calendar is not None:
            return await self._use_calendar(self._calendar, verb, action)
        raise VoiceEngineError("tool_unavailable", f"no {action.tool} is configured for this call")

    async def _use_calendar(self, calendar: Calendar, verb: str, action: UseTool) -> Any:
        args = action.args
        match verb:
            case "free":
                slots = await calendar.free_slots(_moment(args["start"]), _moment(args["end"]))
                return [slot.isoformat() for slot in slots]
            case "book":
                return _booking(await calendar.book(self._booking_request(args)))
            case "find":
                found = await calendar.find_bookings(name=args.get("name"), phone=args.get("phone"))
                return [_booking(booking) for booking in found]
            case "cancel":
                await calendar.cancel(str(args["reference"]))
                return {"reference": args["reference"]}
        raise VoiceEngineError("tool_unavailable", f"the calendar has no {verb}")

    def _booking_request(self, args: Mapping[str, Any]) -> BookingRequest:
        start = _moment(args["start"])
        known = {"start", "service", "name", "phone"}
        details = {key: str(value) for key, value in args.items() if key not in known and value is not None}
        return BookingRequest(
            key=f"{self._call_id}:{start.isoformat()}",
            start=start,
            service=args.get("service"),
            name=args.get("name"),
            phone=args.get("phone"),
            details=details,
        )


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _booking(booking: Booking) -> dict[str, str]:
    return {"reference": booking.reference, "start": booking.start.isoformat(), "end": booking.end.isoformat()}
