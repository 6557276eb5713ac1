"""What only this carrier has: a page for its operator, the lines' text messages, calls from lines, faults."""

import html
import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from voice_engine.carrier.rest.answers import E164, MAX_BODY_BYTES, ApiError, iso8601
from voice_engine.carrier.rest.carrier import Carrier
from voice_engine.errors import Conflict, InvalidInput, NotFound

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Built-in carrier</title>
<style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse}}
td,th{{text-align:left;padding:.2rem .8rem;border-bottom:1px solid #ccc}}</style>
<h1>Built-in carrier</h1><h2>Text messages of the lines</h2>{messages}<h2>Numbers</h2>{numbers}<h2>Calls</h2>{calls}
</html>"""

SHOWN_CALLS = 50


class LocalRoutes:
    """`/carrier…`."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def page(self, _request: Request) -> Response:
        """Messages, numbers and calls, for a person."""
        carrier = self._carrier
        messages = [(iso8601(one.at), one.to, one.text) for one in reversed(carrier.verifications.messages)]
        numbers = [(one.e164, one.voice_url or "–") for one in carrier.numbers.all()]
        calls = [
            (iso8601(call.created_at), call.from_number, call.to, call.status.value, "; ".join(call.record.errors))
            for call in carrier.exchange.book.all()[:SHOWN_CALLS]
        ]
        body = _PAGE.format(
            messages=_table(("at", "to", "text"), messages),
            numbers=_table(("number", "voice URL"), numbers),
            calls=_table(("at", "from", "to", "status", "errors"), calls),
        )
        return HTMLResponse(body, headers={"Cache-Control": "no-store", "Content-Security-Policy": _POLICY})

    async def messages(self, request: Request) -> Response:
        """The lines' text messages, newest first; `?to=` chooses one line."""
        to = request.query_params.get("to")
        shown = [
            {"to": one.to, "text": one.text, "at": iso8601(one.at)}
            for one in reversed(self._carrier.verifications.messages)
            if to in (None, one.to)
        ]
        return JSONResponse({"messages": shown}, headers={"Cache-Control": "no-store"})

    async def call_in(self, request: Request) -> Response:
        """`{"to": "+1…", "from": "+1…" | null}`: that line calls our number; null withholds the caller's."""
        told = await _json(request)
        to, caller = told.get("to"), told.get("from")
        if not isinstance(to, str) or not (caller is None or (isinstance(caller, str) and E164.fullmatch(caller))):
            raise ApiError(400, 20001, "needs `to`, a number, and `from`, a number or null")
        try:
            call = await self._carrier.call_in(to, caller=caller)
        except NotFound as error:
            raise ApiError(404, 20404, error.message) from error
        except (Conflict, InvalidInput) as error:
            raise ApiError(409, 20409, error.message) from error
        return JSONResponse(call.json(), status_code=201)

    async def order_faults(self, request: Request) -> Response:
        """Replace the ordered faults; see `faults.RestFaults`."""
        try:
            self._carrier.faults.order(await _json(request))
        except InvalidInput as error:
            raise ApiError(400, 20001, error.message) from error
        return Response(status_code=204)


_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


async def _json(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        told = json.loads(body) if len(body) <= MAX_BODY_BYTES else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ApiError(400, 20001, "the body must be a JSON object")
    return told
