"""Calls: POST to create and update, GET to fetch and list."""

import datetime as dt

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice_engine.carrier.rest.answers import ApiError, Form, not_found, page
from voice_engine.carrier.rest.call import MAX_TWIML_CHARS, Call, Webhook, read_order
from voice_engine.carrier.rest.carrier import Carrier
from voice_engine.ports.telephony import CallStatus

SILENCE_MS = 120_000.0
"""How long a request that is told to hang does so: longer than any client waits."""


class CallRoutes:
    """`/Calls`."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def create(self, request: Request) -> Response:
        """Place a call. The ordered faults happen here."""
        order = read_order(await Form.read(request))
        if not self._carrier.may_call_from(order.from_number):
            message = (
                f"The source phone number provided, {order.from_number}, is not yet verified for your account."
            )
            raise ApiError(400, 21210, message)
        fault = self._carrier.faults.next_create()
        if fault == "error_before":
            raise ApiError(500, 20500, "An internal server error has occurred")
        call = self._carrier.exchange.place(order)
        if fault == "error_after":
            raise ApiError(500, 20500, "An internal server error has occurred")
        if fault == "silence_after":
            await self._carrier.parts.clock.sleep_ms(SILENCE_MS)
        return JSONResponse(call.json(), status_code=201)

    async def fetch(self, request: Request) -> Response:
        """One call."""
        return JSONResponse(self._find(request).json())

    async def update(self, request: Request) -> Response:
        """Redirect a call that is up, or end one."""
        call = self._find(request)
        form = await Form.read(request)
        status, url, twiml = form.get("Status"), form.url("Url"), form.get("Twiml")
        if status is not None:
            self._change_status(call, status)
        elif url is not None or twiml is not None:
            if call.status is not CallStatus.IN_PROGRESS:
                raise ApiError(400, 21220, "Call is not in-progress. Cannot redirect.")
            if twiml is not None and len(twiml) > MAX_TWIML_CHARS:
                raise ApiError(400, 21618, f"Twiml is limited to {MAX_TWIML_CHARS} characters")
            target = Webhook(url=url, method=form.method("Method")) if url is not None else twiml or ""
            self._carrier.redirect(call, target)
        return JSONResponse(call.json())

    async def list(self, request: Request) -> Response:
        """Calls by numbers, status, parent and start, newest first."""
        form = Form.query(request)
        wanted = {"To": form.get("To"), "From": form.get("From"), "Status": form.get("Status")}
        parent = form.get("ParentCallSid")
        shown = [
            call.json()
            for call in self._carrier.exchange.book.all()
            if wanted["To"] in (None, call.to)
            and wanted["From"] in (None, call.from_number)
            and wanted["Status"] in (None, call.status.value)
            and parent in (None, call.parent_sid)
            and _started_within(form, call)
        ]
        return page(request, "calls", shown)

    def _find(self, request: Request) -> Call:
        call = self._carrier.exchange.book.find(request.path_params["sid"])
        if call is None:
            raise not_found(request.url.path)
        return call

    def _change_status(self, call: Call, status: str) -> None:
        if status not in ("canceled", "completed"):
            raise ApiError(400, 21218, f"Invalid status {status}: canceled or completed")
        if call.status.over:
            raise ApiError(400, 21220, "Call is not in-progress. Cannot redirect.")
        if status == "completed" or call.status is not CallStatus.IN_PROGRESS:
            self._carrier.exchange.complete(call)


def _started_within(form: Form, call: Call) -> bool:
    """`StartTime`, `StartTime<` and `StartTime>` count in days (UTC); a call that never began has no start."""
    for name in ("StartTime", "StartTime<", "StartTime>"):
        text = form.get(name)
        if text is None:
            continue
        try:
            day = dt.date.fromisoformat(text[:10])
        except ValueError as error:
            raise ApiError(400, 20001, f"{name} must be YYYY-MM-DD") from error
        if call.started_at is None:
            return False
        started = call.started_at.date()
        fits = {"StartTime": started == day, "StartTime<": started <= day, "StartTime>": started >= day}
        if not fits[name]:
            return False
    return True
