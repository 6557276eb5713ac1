"""The carrier's own requests: where they go, what they are signed over, what becomes of failures."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from tests.carrier.rest.rig import TOKEN
from voice_engine.carrier.rest.callbacks import Answered, Callbacks
from voice_engine.carrier.rest.carrier import rerouted
from voice_engine.carrier.rest.faults import RestFaults
from voice_engine.clock import LoopClock, run_virtual

FORM = {"CallSid": "CA1", "From": "+15550100"}
PUBLIC = {"https://phone.example.com/base": "http://127.0.0.1:8000"}

Handler = Callable[[httpx2.Request], httpx2.Response]


def fetched(handler: Handler, url: str, *, method: str = "POST", reroute: dict[str, str] | None = None) -> Answered:
    async def main() -> Answered:
        async with asyncio.TaskGroup() as tasks:
            callbacks = Callbacks(
                TOKEN,
                tasks=tasks,
                clock=LoopClock(),
                faults=RestFaults(),
                reroute=reroute,
                transport=httpx2.MockTransport(handler),
            )
            answered = await callbacks.fetch(url, FORM, method=method)
            await callbacks.aclose()
            return answered

    return run_virtual(main())


def xml(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, text="<Response/>", headers={"Content-Type": "text/xml; charset=utf-8"})


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://phone.example.com/base/voice?call=1", "http://127.0.0.1:8000/voice?call=1"),
        ("https://phone.example.com/base", "http://127.0.0.1:8000"),
        ("https://phone.example.com/based", "https://phone.example.com/based"),
        ("https://other.example.com/base/voice", "https://other.example.com/base/voice"),
    ],
)
def test_a_public_base_leads_to_where_it_listens_and_is_what_is_signed(url: str, asked: str) -> None:
    requests: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return xml(request)

    fetched(handler, url, reroute=PUBLIC)

    (request,) = requests
    assert str(request.url) == str(httpx2.URL(asked))
    assert RequestValidator(TOKEN).validate(url, FORM, request.headers["X-Twilio-Signature"])


def test_a_get_carries_the_form_in_its_query_and_signs_it() -> None:
    requests: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return xml(request)

    fetched(handler, "https://e.test/voice?a=1", method="GET")

    (request,) = requests
    assert dict(request.url.params) == {"a": "1", **FORM}
    assert request.content == b""
    assert RequestValidator(TOKEN).validate(str(request.url), {}, request.headers["X-Twilio-Signature"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx2.Response(200, text="<Response/>"), "12300"),
        (httpx2.Response(204), "11200"),
        (httpx2.Response(302, headers={"Location": "/x"}), "11200"),
        (httpx2.Response(200, text="x" * 70_000, headers={"Content-Type": "text/xml"}), "11750"),
    ],
)
def test_what_is_no_twiml_has_twilio_s_code(answer: httpx2.Response, error: str) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        kind = answer.headers.get("Content-Type", "text/plain")
        return httpx2.Response(answer.status_code, content=answer.content, headers={"Content-Type": kind})

    assert (fetched(handler, "https://e.test/voice").error or "").startswith(error)


def test_a_connection_that_fails_is_tried_once_more() -> None:
    attempts: list[int] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        attempts.append(1)
        if len(attempts) == 1:
            raise httpx2.ConnectError("refused")
        return xml(request)

    assert fetched(handler, "https://e.test/voice").text == "<Response/>"
    assert len(attempts) == 2


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("url", ["https://e.test/voice", "https://[bad/voice", "https://e.test:port/", "mailto:x"])
def test_nobody_there_is_an_error_not_an_exception(url: str, method: str) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    assert (fetched(handler, url, method=method).error or "").startswith("11200")


def test_a_customer_who_never_answers_is_given_up_after_fifteen_seconds() -> None:
    async def handler(request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(3600)
        return xml(request)

    async def main() -> float:
        async with asyncio.TaskGroup() as tasks:
            callbacks = Callbacks(
                TOKEN,
                tasks=tasks,
                clock=LoopClock(),
                faults=RestFaults(),
                transport=httpx2.MockTransport(handler),
            )
            callbacks.tell("https://e.test/status", FORM, event="completed", order="CA1")
            assert callbacks.pending == 1
            answered = await callbacks.fetch("https://e.test/voice", FORM)
            assert answered.error is not None
            await asyncio.sleep(1)
            assert callbacks.pending == 0
            await callbacks.aclose()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 16.0


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("wss://phone.example.com/base/media/twilio/w1", "ws://127.0.0.1:8000/media/twilio/w1"),
        ("wss://other.example.com/media", "wss://other.example.com/media"),
    ],
)
def test_streams_follow_the_same_way(url: str, there: str) -> None:
    assert rerouted(url, PUBLIC) == there
