"""Verify v2: start a verification, check a code."""

from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice_engine.carrier.rest.answers import E164, ApiError, Form, not_found
from voice_engine.carrier.rest.call import CallOrder
from voice_engine.carrier.rest.carrier import Carrier
from voice_engine.carrier.rest.verify import Channel, sentence

CALLER = "+15005550006"
"""Who a spoken code comes from: Twilio's own test number."""


class VerifyRoutes:
    """`/v2/Services/{sid}`."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def start(self, request: Request) -> Response:
        """Send or speak a code."""
        service = self._service(request)
        form = await Form.read(request)
        to, channel, locale = form.get("To") or "", _channel(form), form.get("Locale") or "en"
        if not E164.fullmatch(to):
            raise ApiError(400, 60200, f"Invalid parameter `To`: {to}")
        verification, code = self._carrier.verifications.start(service, to, channel)
        if channel == "sms":
            self._carrier.verifications.send(to, sentence(code, locale, spoken=False))
        else:
            self._speak(to, sentence(code, locale, spoken=True), locale)
        return JSONResponse(verification.json(self._carrier.settings.account_sid), status_code=201)

    async def fetch(self, request: Request) -> Response:
        """A pending verification."""
        verification = self._carrier.verifications.find(self._service(request), request.path_params["sid"])
        return JSONResponse(verification.json(self._carrier.settings.account_sid))

    async def check(self, request: Request) -> Response:
        """Try a code."""
        service = self._service(request)
        form = await Form.read(request)
        code, sid, to = form.get("Code"), form.get("VerificationSid"), form.get("To")
        if code is None or (sid is None and to is None):
            raise ApiError(400, 60200, "Invalid parameter: Code, and To or VerificationSid, are needed")
        checked = self._carrier.verifications.check(service, code, sid=sid, to=to)
        if checked.status == "approved":
            await self._carrier.caller_ids.add(checked.to)
        return JSONResponse(checked.json(self._carrier.settings.account_sid))

    def _service(self, request: Request) -> str:
        service = request.path_params["service"]
        if service != self._carrier.settings.verify_service_sid:
            raise not_found(request.url.path)
        return str(service)

    def _speak(self, to: str, text: str, locale: str) -> None:
        say = f"<Say language={quoteattr(locale)}>{escape(text)}</Say>"
        document = f"<Response><Pause/>{say}<Hangup/></Response>"
        self._carrier.exchange.place(CallOrder(to=to, from_number=CALLER, answer=None, twiml=document))


def _channel(form: Form) -> Channel:
    match form.get("Channel"):
        case "sms":
            return "sms"
        case "call":
            return "call"
        case other:
            raise ApiError(400, 60200, f"Invalid parameter `Channel`: {other}")
