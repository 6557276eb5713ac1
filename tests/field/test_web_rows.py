"""What goes wrong between a carrier and a web surface in the field, one test a row, named by its number."""

import asyncio
import xml.etree.ElementTree as ET

import pytest

from tests.web.asgi import Answer, request, signed_post
from tests.web.fakes import ACCOUNT_SID, CALL_SID, OTHER_SID, FakeEngine, FakeSocket, call, settings, start
from voice_engine.clock import run_virtual
from voice_engine.telephony.twilio.protocol import MAX_MESSAGE_BYTES
from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.web.app import Surface
from voice_engine.web.gate import StreamGate
from voice_engine.web.server import server_config
from voice_engine.web.settings import NEXT_PATH, VOICE_PATHS, WebSettings
from voice_engine.web.tickets import Tickets

VOICE = VOICE_PATHS[0]
FIELDS = {"CallSid": CALL_SID, "AccountSid": ACCOUNT_SID, "From": "+15550100", "To": "+15550199"}
TERMINATING = {"Hangup", "Redirect", "Reject"}


def voice(engine: FakeEngine, web: WebSettings, path: str = VOICE) -> Answer:
    return run_virtual(signed_post(Surface(engine, web, now=lambda: 0.0).app, web, path, FIELDS))


def twiml(answer: Answer) -> ET.Element:
    return ET.fromstring(answer.body)


def stream(answer: Answer) -> ET.Element:
    found = twiml(answer).find("Connect/Stream")
    assert found is not None
    return found


def test_trap_08_the_stream_url_has_no_query_and_the_ticket_travels_as_a_parameter() -> None:
    """Twilio strips a query string from the stream's URL, or fails with 31920."""
    element = stream(voice(FakeEngine(), settings(public_url="https://voice.example")))

    assert "?" not in element.attrib["url"]
    assert any(parameter.attrib["name"] == "ticket" for parameter in element)


@pytest.mark.parametrize("public_url", ["http://voice.example", "https://voice.example:8443"])
def test_trap_09_a_stream_url_that_is_not_wss_on_443_is_refused_at_start(public_url: str) -> None:
    """31910 and 31901 would otherwise show on the first call only."""
    with pytest.raises(Exception, match="wss"):
        Surface(FakeEngine(), settings(public_url=public_url))


@pytest.mark.parametrize("lie", ["evil.example", "internal:8080", "voice.example"])
def test_trap_10_the_signature_is_over_the_configured_url_whatever_the_host_header(lie: str) -> None:
    """Behind a TLS-terminating proxy neither Host nor X-Forwarded-* is what the carrier signed."""
    web = settings(public_url="https://voice.example")
    surface = Surface(FakeEngine(), web, now=lambda: 0.0)
    headers = {"host": lie, "x-forwarded-host": "evil.example", "x-forwarded-proto": "http"}

    assert run_virtual(signed_post(surface.app, web, VOICE, FIELDS, **headers)).status == 200


def test_trap_10_a_signature_over_the_forwarded_host_is_refused() -> None:
    """Who can set X-Forwarded-Host must not choose the URL that is checked."""
    web, evil = settings(public_url="https://voice.example"), settings(public_url="https://evil.example")
    surface = Surface(FakeEngine(), web, now=lambda: 0.0)

    answer = run_virtual(signed_post(surface.app, evil, VOICE, FIELDS, **{"x-forwarded-host": "evil.example"}))

    assert answer.status == 403


@pytest.mark.parametrize("base", ["wss://voice.example", "https://voice.example"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_trap_10_the_upgrade_may_be_signed_over_wss_or_https_with_or_without_a_last_slash(
    base: str, slash: str
) -> None:
    web = settings(public_url="https://voice.example", require_upgrade_signature=True)
    gate = StreamGate(FakeEngine(), Tickets(ttl_s=60, now=lambda: 0.0), web)
    validator = SignatureValidator(web.auth_token, web.public_url)
    signature = validator._validator.compute_signature(f"{base}/media/twilio/w1{slash}", {})

    assert gate.may_upgrade("/media/twilio/w1", "", signature)


def test_trap_11_a_stream_of_another_call_is_refused_before_a_provider_is_opened() -> None:
    """`start.callSid` must be the signed webhook's."""

    async def main() -> tuple[int | None, list[str]]:
        engine, tickets = FakeEngine(), Tickets(ttl_s=60, now=lambda: 0.0)
        socket = FakeSocket()
        socket.say(start(tickets.issue(call(CALL_SID)), call_sid=OTHER_SID))
        await StreamGate(engine, tickets, settings()).serve(socket)
        return socket.close_code, engine.opened

    assert run_virtual(main()) == (1008, [])


@pytest.mark.parametrize("path", [VOICE, NEXT_PATH])
@pytest.mark.parametrize("live", [True, False])
def test_trap_12_every_answer_ends_in_a_terminating_verb(path: str, live: bool) -> None:
    """When the socket closes Twilio runs the verb after <Connect>: a <Pause> there is a dead line."""
    engine = FakeEngine()
    engine.live_sids = {CALL_SID} if live else set()

    verbs = [verb.tag for verb in twiml(voice(engine, settings(), path))]

    assert verbs[-1] in TERMINATING
    assert "Pause" not in verbs


def test_trap_13_the_agents_stream_is_connect_never_start() -> None:
    """<Start><Stream> is one-way: the engine would be mute."""
    document = twiml(voice(FakeEngine(), settings()))

    assert document.find("Start") is None
    assert document.find("Connect/Stream") is not None


def test_trap_14_the_stream_asks_for_no_track_that_connect_cannot_give() -> None:
    """A bidirectional stream delivers the inbound track only."""
    assert stream(voice(FakeEngine(), settings())).attrib.get("track", "inbound_track") == "inbound_track"


def test_trap_25_the_ticket_fits_a_stream_parameter() -> None:
    """Name and value must stay under 500 characters together."""
    for parameter in stream(voice(FakeEngine(), settings())):
        assert len(parameter.attrib["name"]) + len(parameter.attrib["value"]) < 500


def test_trap_26_messages_are_capped_at_64_kib_and_not_compressed() -> None:
    """The servers themselves are exercised in tests/e2e/test_web_transports.py; this pins their settings."""
    config = server_config(Surface(FakeEngine(), settings()).app)

    assert config.ws_max_size == MAX_MESSAGE_BYTES == 64 * 1024
    assert config.ws_per_message_deflate is False


@pytest.mark.parametrize("case", ["absent", "forged", "expired", "replayed", "mismatched"])
def test_pain_25_an_unauthenticated_stream_burns_no_credit(case: str) -> None:
    """Each is closed with 1008 before any provider is opened."""

    async def main() -> tuple[int | None, list[str]]:
        engine = FakeEngine()
        tickets = Tickets(ttl_s=60, now=asyncio.get_running_loop().time)
        gate = StreamGate(engine, tickets, settings())
        shown = {"absent": None, "forged": "x" * 32}.get(case, tickets.issue(call()))
        if case == "expired":
            await asyncio.sleep(61.0)
        if case == "replayed":
            first = FakeSocket()
            first.say(start(shown))
            first.leave()
            await gate.serve(first)
            engine.opened.clear()
        socket = FakeSocket()
        socket.say(start(shown, call_sid=OTHER_SID if case == "mismatched" else CALL_SID))
        await gate.serve(socket)
        return socket.close_code, engine.opened

    assert run_virtual(main()) == (1008, [])


def test_pain_25_of_two_sockets_with_one_ticket_one_gets_the_call() -> None:
    """A race between the carrier and a thief has one winner."""

    async def main() -> tuple[list[str], list[int]]:
        engine, tickets = FakeEngine(), Tickets(ttl_s=60, now=lambda: 0.0)
        gate, ticket = StreamGate(engine, tickets, settings()), tickets.issue(call())
        sockets = [FakeSocket() for _ in range(5)]
        async with asyncio.TaskGroup() as tasks:
            for socket in sockets:
                socket.say(start(ticket))
                tasks.create_task(gate.serve(socket))
            await asyncio.sleep(1.0)
            for socket in sockets:
                socket.leave()
        return engine.opened, sorted(socket.close_code or 0 for socket in sockets)

    assert run_virtual(main()) == ([CALL_SID], [0, 1008, 1008, 1008, 1008])


def test_pain_25_a_draining_process_takes_no_new_call() -> None:
    """Readiness says so, and the webhook refuses; tests/e2e shows that the live ones go on."""
    surface = Surface(FakeEngine(), settings(), now=lambda: 0.0)
    surface.drain.begin()

    async def main() -> tuple[int, str]:
        ready = await request(surface.app, "GET", "/readyz")
        return ready.status, (await signed_post(surface.app, settings(), VOICE, FIELDS)).body

    status, body = run_virtual(main())
    assert status == 503
    assert "<Stream" not in body
