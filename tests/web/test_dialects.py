"""The carrier's webhooks under the business surface's names: what its contract says of them, and nothing else."""

import json
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from tests.fakes.api import violations
from tests.web.asgi import Answer, request, signed_post
from tests.web.fakes import ACCOUNT_SID, CALL_SID, FakeEngine, settings
from voice_engine.clock import run_virtual
from voice_engine.web.app import Surface
from voice_engine.web.calls import ConnectTo, Say

VOICE, STATUS = "/api/webhooks/twilio/voice", "/api/webhooks/twilio/status"
WEB = settings(public_url="https://voice.example.com")
FIELDS = {"CallSid": CALL_SID, "AccountSid": ACCOUNT_SID, "From": "+15559876543", "To": "+15551234567"}
ENDED = {"CallSid": CALL_SID, "CallStatus": "completed", "CallDuration": "330", "SequenceNumber": "3"}


def surface(engine: FakeEngine | None = None) -> Surface:
    return Surface(engine or FakeEngine(), WEB, now=lambda: 0.0)


def assert_refused(answer: Answer, path: str) -> None:
    body = json.loads(answer.body)
    assert (answer.status, body["code"]) == (403, "invalid_signature")
    assert list(violations("POST", path, answer.status, answer.headers, body)) == []


def test_a_call_gets_text_xml_and_a_report_gets_nothing() -> None:
    engine = FakeEngine()
    voice = run_virtual(signed_post(surface(engine).app, WEB, VOICE, FIELDS))
    status = run_virtual(signed_post(surface(engine).app, WEB, STATUS, ENDED))
    assert voice.status == 200 and voice.headers["content-type"].startswith("text/xml")
    assert ET.fromstring(voice.body).find("Connect/Stream") is not None
    assert (status.status, status.body) == (200, "")
    assert status.headers["content-type"].startswith("text/plain")
    assert engine.reports == [("status", {}, ENDED)]


@pytest.mark.parametrize("path", [VOICE, STATUS])
@pytest.mark.parametrize("headers", [{"x-twilio-signature": ""}, {"x-twilio-signature": "AAAA"}])
def test_unsigned_is_refused_in_the_surfaces_envelope(path: str, headers: dict[str, str]) -> None:
    engine = FakeEngine()
    answer = run_virtual(signed_post(surface(engine).app, WEB, path, FIELDS | ENDED, **headers))
    assert_refused(answer, path)
    assert engine.reports == []


def test_a_body_beyond_the_cap_is_unsigned_too() -> None:
    answer = run_virtual(signed_post(surface().app, WEB, VOICE, FIELDS | {"Padding": "x" * 70_000}))
    assert_refused(answer, VOICE)


def test_signed_and_about_no_call_there_is_nothing_to_do() -> None:
    answer = run_virtual(signed_post(surface().app, WEB, VOICE, {"AccountSid": ACCOUNT_SID}))
    assert answer.status == 200 and ET.fromstring(answer.body)[0].tag == "Hangup"


# The vendor's own signer signs what follows: whatever a proxy does to Host and scheme, the public URL counts.

PAIRS: list[tuple[str, Any]] = [
    *FIELDS.items(),
    ("MediaUrl", "https://a.example"),
    ("MediaUrl", "https://b.example"),
    ("Empty", ""),
]
QUERY = "call_id=c%201&x=%C3%A1&x=2"


def vendor_signature(url: str, pairs: list[tuple[str, Any]]) -> str:
    return str(RequestValidator(WEB.auth_token).compute_signature(url, FormData(pairs)))


def post(path: str, body: bytes, signature: str, **headers: str) -> Answer:
    sent = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": signature,
        "host": "10.0.0.7:8080",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
        **headers,
    }
    return run_virtual(request(surface().app, "POST", path, body=body, headers=sent))


def test_behind_a_proxy_with_a_query_and_repeated_names_the_vendors_signature_holds() -> None:
    path = f"{VOICE}?{QUERY}"
    signature = vendor_signature(f"{WEB.public_url}{path}", PAIRS)
    assert post(path, urlencode(PAIRS).encode(), signature).status == 200


@pytest.mark.parametrize(
    "url",
    [
        f"http://voice.example.com{VOICE}",
        f"https://evil.example{VOICE}",
        f"https://voice.example.com{VOICE}?a=1",
        f"https://voice.example.com{STATUS}",
    ],
)
def test_signed_for_another_address_is_refused(url: str) -> None:
    assert_refused(post(VOICE, urlencode(PAIRS).encode(), vendor_signature(url, PAIRS)), VOICE)


def test_one_byte_changed_anywhere_is_refused() -> None:
    """Every byte of the values in turn, and a name, an order of repeated values, a pair more or less."""
    url, body = f"{WEB.public_url}{VOICE}", urlencode(FIELDS)
    signature = vendor_signature(url, list(FIELDS.items()))
    assert post(VOICE, body.encode(), signature).status == 200
    changed = [body[:at] + ("0" if body[at] != "0" else "1") + body[at + 1 :] for at in range(len(body))]
    for other in (*changed, f"{body}&Extra=1", body.rpartition("&")[0]):
        if other != body:
            assert_refused(post(VOICE, other.encode(), signature), VOICE)


def test_the_stream_opens_with_its_ticket_once_and_with_no_other() -> None:
    opened = surface()
    answer = run_virtual(signed_post(opened.app, WEB, VOICE, FIELDS))
    stream = ET.fromstring(answer.body).find("Connect/Stream")
    assert stream is not None and stream.attrib["url"] == "wss://voice.example.com/media/twilio/w1"
    ticket = next(one.attrib["value"] for one in stream if one.attrib["name"] == "ticket")
    assert opened.tickets.redeem("", CALL_SID) is None
    assert opened.tickets.redeem("x" * len(ticket), CALL_SID) is None
    assert opened.tickets.redeem(ticket, CALL_SID) is not None
    assert opened.tickets.redeem(ticket, CALL_SID) is None


def test_a_browser_is_connected_by_number_and_a_notice_hangs_up() -> None:
    dial, notice = FakeEngine(), FakeEngine()
    dial.answer = ConnectTo(number="+12125550143", caller_id="+15551234567", ring_s=45)
    notice.answer = Say(text="The number you have dialed is not in service. Goodbye.")
    client = FIELDS | {"From": "client:org_o1:user_u1", "To": "+12125550143"}
    dialled = ET.fromstring(run_virtual(signed_post(surface(dial).app, WEB, VOICE, client)).body)
    told = ET.fromstring(run_virtual(signed_post(surface(notice).app, WEB, VOICE, FIELDS)).body)
    first = dialled[0]
    assert (first.tag, first.attrib["callerId"], first[0].text) == ("Dial", "+15551234567", "+12125550143")
    assert [verb.tag for verb in told] == ["Say", "Hangup"]
