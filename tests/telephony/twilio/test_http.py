"""The HTTP client under `twilio`'s: where requests go, what is repeated, what a failure may mean."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest

from voice_engine.clock import run_virtual
from voice_engine.telephony.twilio.http import AnswerLost, Refused, TwilioHttp, Unreachable

URL = "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls.json"
Handler = Callable[[httpx2.Request], httpx2.Response]


def send(method: str, handler: Handler, *, url: str = URL, base_url: str | None = None, **fields: object) -> object:
    async def main() -> object:
        http = TwilioHttp(timeout_s=5.0, base_url=base_url, transport=httpx2.MockTransport(handler))
        try:
            return await http.request(method, url, **fields)  # type: ignore[arg-type]
        finally:
            await http.close()

    return run_virtual(main())


class Answers:
    """Gives one answer (or failure) after the other, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.requests: list[httpx2.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, content=answer.content, headers=answer.headers)


OK = httpx2.Response(200, json={"sid": "CA1"})
BROKEN = httpx2.Response(503, json={"code": 20503, "message": "try later"})


@pytest.mark.parametrize(
    ("base_url", "url", "target"),
    [
        (None, URL, URL),
        ("http://127.0.0.1:9", URL, "http://127.0.0.1:9/2010-04-01/Accounts/AC1/Calls.json"),
        (
            "http://c.test/twilio/",
            "https://verify.twilio.com/v2/Services?x=1",
            "http://c.test/twilio/v2/Services?x=1",
        ),
        ("http://c.test", "https://api.dublin.ie1.twilio.com/a", "http://c.test/a"),
        ("http://c.test", "https://media.example.com/a", "https://media.example.com/a"),
        ("http://c.test", "https://eviltwilio.com/a", "https://eviltwilio.com/a"),
    ],
)
def test_only_twilio_s_hosts_are_retargeted(base_url: str | None, url: str, target: str) -> None:
    answers = Answers(OK)

    send("GET", answers, url=url, base_url=base_url)

    assert str(answers.requests[0].url) == target


def test_lists_are_repeated_fields_and_login_is_basic() -> None:
    answers = Answers(OK)

    send("POST", answers, data={"StatusCallbackEvent": ["ringing", "answered"], "Timeout": 30}, auth=("AC1", "t"))

    (request,) = answers.requests
    assert request.content == b"StatusCallbackEvent=ringing&StatusCallbackEvent=answered&Timeout=30"
    assert request.headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("failure", [BROKEN, httpx2.ReadTimeout("slow"), httpx2.ConnectError("down")])
def test_what_changes_something_is_sent_once(method: str, failure: httpx2.Response | Exception) -> None:
    answers = Answers(failure, OK)

    with pytest.raises((Refused, AnswerLost, Unreachable)):
        send(method, answers)

    assert len(answers.requests) == 1


@pytest.mark.parametrize("failure", [BROKEN, httpx2.ReadTimeout("slow"), httpx2.ConnectError("down")])
def test_reads_are_repeated_a_little(failure: httpx2.Response | Exception) -> None:
    recovering, gone = Answers(failure, failure, OK), Answers(failure)

    send("GET", recovering)
    with pytest.raises((Refused, AnswerLost, Unreachable)):
        send("GET", gone)

    assert (len(recovering.requests), len(gone.requests)) == (3, 3)


def test_a_refusal_of_a_read_is_not_repeated() -> None:
    answers = Answers(httpx2.Response(404, json={"code": 20404, "message": "no"}))

    with pytest.raises(Refused) as caught:
        send("GET", answers)

    assert (caught.value.status, caught.value.code, caught.value.message) == (404, 20404, "no")
    assert len(answers.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"code": true, "message": null}', b""])
def test_a_refusal_that_is_no_twilio_error_keeps_its_status(body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        send("POST", Answers(httpx2.Response(400, content=body)))

    assert (caught.value.status, caught.value.code, caught.value.message) == (400, None, "HTTP 400")


def test_a_server_that_says_nothing_is_given_up_after_the_timeout() -> None:
    async def silent(request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(3600)
        return OK

    async def main() -> float:
        http = TwilioHttp(timeout_s=5.0, transport=httpx2.MockTransport(silent))
        with pytest.raises(AnswerLost):
            await http.request("POST", URL)
        await http.close()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 5.0


def test_an_endless_answer_is_not_swallowed() -> None:
    with pytest.raises(AnswerLost, match="larger"):
        send("POST", Answers(httpx2.Response(200, content=b"x" * (5 << 20))))


def test_media_are_followed_to_where_they_are_and_bounded() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "api.twilio.com":
            return httpx2.Response(307, headers={"Location": "https://media.example.com/RE1.wav"})
        assert "authorization" not in request.headers, "credentials stay with the carrier"
        return httpx2.Response(200, content=b"RIFF")

    async def main() -> None:
        http = TwilioHttp(timeout_s=5.0, transport=httpx2.MockTransport(handler))
        assert await http.download(URL, auth=("AC1", "t"), limit=4) == b"RIFF"
        with pytest.raises(AnswerLost):
            await http.download(URL, auth=("AC1", "t"), limit=3)
        await http.close()

    run_virtual(main())
