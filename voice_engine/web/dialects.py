"""How the two surfaces' names of the carrier's webhooks answer: the same words, each in its contract's form."""

import uuid
from typing import Protocol

from starlette.responses import JSONResponse, PlainTextResponse, Response

from voice_engine.telephony.twilio import twiml

BUSINESS_PREFIX = "/api/"
BAD_SIGNATURE = "X-Twilio-Signature is missing or wrong"


class Dialect(Protocol):
    """One surface's answers."""

    def document(self, document: str) -> Response:
        """TwiML to run."""
        ...

    def noted(self) -> Response:
        """A report was taken."""
        ...

    def unsigned(self) -> Response:
        """The carrier did not sign this."""
        ...

    def too_large(self) -> Response:
        """No webhook of the carrier's is so long."""
        ...

    def without_call(self) -> Response:
        """Signed, and about no call."""
        ...


class PlainDialect:
    """`/v1`: plain words."""

    def document(self, document: str) -> Response:
        """As XML."""
        return Response(document, media_type="application/xml")

    def noted(self) -> Response:
        """An empty document: the carrier may run it."""
        return self.document(twiml.hang_up())

    def unsigned(self) -> Response:
        """403."""
        return PlainTextResponse("signature does not match", status_code=403)

    def too_large(self) -> Response:
        """413."""
        return PlainTextResponse("too large", status_code=413)

    def without_call(self) -> Response:
        """400."""
        return PlainTextResponse("CallSid is missing", status_code=400)


class BusinessDialect:
    """`/api`: its envelope of errors, and no status but those that it publishes."""

    def document(self, document: str) -> Response:
        """As text/xml."""
        return Response(document, media_type="text/xml")

    def noted(self) -> Response:
        """Nothing."""
        return PlainTextResponse("")

    def unsigned(self) -> Response:
        """403 `invalid_signature`."""
        request_id = str(uuid.uuid4())
        body = {"error": BAD_SIGNATURE, "code": "invalid_signature", "requestId": request_id}
        return JSONResponse(body, status_code=403, headers={"X-Correlation-Id": request_id})

    def too_large(self) -> Response:
        """Read so far, it cannot be signed."""
        return self.unsigned()

    def without_call(self) -> Response:
        """There is nothing to do."""
        return self.document(twiml.hang_up())


_PLAIN, _BUSINESS = PlainDialect(), BusinessDialect()


def dialect_of(path: str) -> Dialect:
    """Whose path it is."""
    return _BUSINESS if path.startswith(BUSINESS_PREFIX) else _PLAIN
