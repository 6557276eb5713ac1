"""The REST half over HTTP: Twilio's paths, its authentication and its errors."""

import hmac
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from voice_engine.carrier.rest.answers import API_VERSION, ApiError, not_found
from voice_engine.carrier.rest.callroutes import CallRoutes
from voice_engine.carrier.rest.carrier import Carrier
from voice_engine.carrier.rest.localroutes import LocalRoutes
from voice_engine.carrier.rest.numberroutes import NumberRoutes
from voice_engine.carrier.rest.recordingroutes import RecordingRoutes
from voice_engine.carrier.rest.verifyroutes import VerifyRoutes

Handler = Callable[[Request], Awaitable[Response]]

REALM = 'Basic realm="Twilio API"'


def build_app(carrier: Carrier) -> Starlette:
    """The application; every path asks for the account's sid and token."""
    account = f"/{API_VERSION}/Accounts/{{account}}"
    calls, numbers, recordings = CallRoutes(carrier), NumberRoutes(carrier), RecordingRoutes(carrier)
    verify, local = VerifyRoutes(carrier), LocalRoutes(carrier)
    table: list[tuple[str, str, Handler]] = [
        ("POST", f"{account}/Calls.json", calls.create),
        ("GET", f"{account}/Calls.json", calls.list),
        ("POST", f"{account}/Calls/{{sid}}.json", calls.update),
        ("GET", f"{account}/Calls/{{sid}}.json", calls.fetch),
        ("GET", f"{account}/AvailablePhoneNumbers/{{country}}/{{kind}}.json", numbers.search),
        ("POST", f"{account}/IncomingPhoneNumbers.json", numbers.buy),
        ("GET", f"{account}/IncomingPhoneNumbers.json", numbers.list),
        ("POST", f"{account}/IncomingPhoneNumbers/{{sid}}.json", numbers.update),
        ("GET", f"{account}/IncomingPhoneNumbers/{{sid}}.json", numbers.fetch),
        ("DELETE", f"{account}/IncomingPhoneNumbers/{{sid}}.json", numbers.release),
        ("GET", f"{account}/OutgoingCallerIds.json", carrier.caller_ids.list),
        ("GET", f"{account}/Recordings.json", recordings.list),
        ("GET", f"{account}/Calls/{{call}}/Recordings.json", recordings.list),
        ("GET", f"{account}/Recordings/{{sid}}.json", recordings.fetch),
        ("GET", f"{account}/Recordings/{{sid}}.wav", recordings.media),
        ("DELETE", f"{account}/Recordings/{{sid}}.json", recordings.delete),
        ("GET", f"{account}/Recordings/{{sid}}", recordings.media),
        ("POST", "/v2/Services/{service}/Verifications", verify.start),
        ("GET", "/v2/Services/{service}/Verifications/{sid}", verify.fetch),
        ("POST", "/v2/Services/{service}/VerificationCheck", verify.check),
        ("GET", "/carrier", local.page),
        ("GET", "/carrier/messages", local.messages),
        ("POST", "/carrier/calls", local.call_in),
        ("PUT", "/carrier/faults", local.order_faults),
    ]
    routes = [Route(path, _guarded(carrier, handler), methods=[method]) for method, path, handler in table]
    return Starlette(routes=routes, exception_handlers={HTTPException: _unknown})


def _guarded(carrier: Carrier, handler: Handler) -> Handler:
    """Check who asks, and write refusals as Twilio does."""

    async def endpoint(request: Request) -> Response:
        try:
            _authenticate(carrier, request)
            return await handler(request)
        except ApiError as refused:
            response = refused.response()
            if refused.status == 401:
                response.headers["WWW-Authenticate"] = REALM
            return response

    return endpoint


def _authenticate(carrier: Carrier, request: Request) -> None:
    kind, _, coded = request.headers.get("authorization", "").partition(" ")
    try:
        told = b64decode(coded, validate=True)
    except Base64Error:
        told = b""
    expected = f"{carrier.settings.account_sid}:{carrier.settings.auth_token}".encode()
    if kind.lower() != "basic" or not hmac.compare_digest(told, expected):
        raise ApiError(401, 20003, "Authenticate")
    if request.path_params.get("account", carrier.settings.account_sid) != carrier.settings.account_sid:
        raise not_found(request.url.path)


async def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    if status == 405:
        return ApiError(405, 20004, "Method not allowed").response()
    return not_found(request.url.path).response()
