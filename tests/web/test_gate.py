"""The gate: what a stranger's socket gets, and what a call's own socket gets."""

import asyncio

import pytest
from structlog.testing import capture_logs

from tests.fakes.call_rig import RECEPTIONIST
from tests.web.fakes import CALL_SID, OTHER_SID, POLICY_VIOLATION, FakeEngine, FakeSocket, call, settings, start
from voice_engine.clock import run_virtual
from voice_engine.ports.media import MediaSocket
from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.web.calls import Authorize
from voice_engine.web.gate import INTERNAL_ERROR, Allows, StreamGate, everybody
from voice_engine.web.settings import WebSettings
from voice_engine.web.tickets import Tickets


def now() -> float:
    return asyncio.get_running_loop().time()


def parts(web: WebSettings | None = None) -> tuple[FakeEngine, Tickets, StreamGate]:
    web = web or settings()
    engine, tickets = FakeEngine(), Tickets(ttl_s=web.ticket_ttl_s, now=now)
    return engine, tickets, StreamGate(engine, tickets, web)


def test_a_good_ticket_opens_the_call() -> None:
    async def main() -> tuple[list[str], int | None]:
        engine, tickets, gate = parts()
        socket = FakeSocket()
        socket.say(start(tickets.issue(call())))
        socket.leave()
        await gate.serve(socket)
        return engine.opened, socket.close_code

    assert run_virtual(main()) == ([CALL_SID], None)


@pytest.mark.parametrize("case", ["none", "forged", "expired", "replayed", "mismatched"])
def test_any_other_ticket_is_refused_before_a_provider_is_opened(case: str) -> None:
    async def main() -> tuple[list[str], int | None]:
        engine, tickets, gate = parts()
        ticket: str | None = tickets.issue(call())
        sid = CALL_SID
        match case:
            case "none":
                ticket = None
            case "forged":
                ticket = "A" * 32
            case "expired":
                await asyncio.sleep(60.0)
            case "replayed":
                assert ticket and tickets.redeem(ticket, CALL_SID)
            case _:
                sid = OTHER_SID
        socket = FakeSocket()
        socket.say(start(ticket, call_sid=sid))
        await gate.serve(socket)
        return engine.opened, socket.close_code

    assert run_virtual(main()) == ([], POLICY_VIOLATION)


def test_a_socket_that_never_starts_is_closed() -> None:
    async def main() -> tuple[int | None, float]:
        _, _, gate = parts(settings(start_timeout_s=10.0))
        socket = FakeSocket()
        await gate.serve(socket)
        return socket.close_code, now()

    assert run_virtual(main()) == (POLICY_VIOLATION, 10.0)


def test_a_socket_that_started_in_time_is_left_alone() -> None:
    async def main() -> int | None:
        _, tickets, gate = parts(settings(start_timeout_s=10.0))
        socket = FakeSocket()
        socket.say(start(tickets.issue(call())))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(gate.serve(socket))
            await asyncio.sleep(300.0)
            code = socket.close_code
            socket.leave()
        return code

    assert run_virtual(main()) is None


def test_a_fault_of_the_engine_closes_one_socket_and_spreads_no_further() -> None:
    async def main() -> tuple[int | None, int]:
        engine, tickets, gate = parts()
        engine.fault = RuntimeError("bug")
        socket = FakeSocket()
        socket.say(start(tickets.issue(call())))
        await gate.serve(socket)
        return socket.close_code, gate.open_sockets

    assert run_virtual(main()) == (INTERNAL_ERROR, 0)


class _FailsLate(FakeEngine):
    """Lets the stream in, and has a defect afterwards."""

    async def serve(self, socket: MediaSocket, authorize: Authorize) -> None:
        await super().serve(socket, authorize)
        raise RuntimeError("bug")


def test_the_log_says_whose_stream_failed_or_was_refused() -> None:
    async def main() -> None:
        tickets = Tickets(ttl_s=30.0, now=now)
        gate = StreamGate(_FailsLate(), tickets, settings())
        allowed: list[Allows] = [everybody, lambda _: False]
        for allows in allowed:
            socket = FakeSocket()
            socket.say(start(tickets.issue(call(spec=RECEPTIONIST))))
            socket.leave()
            await gate.serve(socket, allows)

    with capture_logs() as lines:
        run_virtual(main())

    known = {"call_id": RECEPTIONIST.call_id, "call_sid": CALL_SID}
    named = [(line["event"], {key: line.get(key) for key in known}) for line in lines]
    assert named[:2] == [("stream.failed", known), ("stream.refused", known)]


def test_strangers_cannot_hold_more_sockets_than_the_bound() -> None:
    async def main() -> tuple[bool, bool, bool]:
        web = settings(max_calls=1)
        _, _, gate = parts(web)
        sockets = [FakeSocket() for _ in range(web.most_sockets)]
        before = gate.may_upgrade("/media/twilio/w1", "", "")
        async with asyncio.TaskGroup() as tasks:
            for socket in sockets:
                tasks.create_task(gate.serve(socket))
            await asyncio.sleep(1.0)
            full = gate.may_upgrade("/media/twilio/w1", "", "")
            for socket in sockets:
                socket.leave()
        return before, full, gate.may_upgrade("/media/twilio/w1", "", "")

    assert run_virtual(main()) == (True, False, True)


@pytest.mark.parametrize("path", ["/media/twilio/w2", "/media/twilio", "/", "/media/twilio/w1/x"])
def test_another_workers_path_is_not_ours(path: str) -> None:
    _, _, gate = parts()

    assert not gate.may_upgrade(path, "", "")


def test_a_signature_on_the_upgrade_can_be_demanded() -> None:
    web = settings(public_url="https://voice.example", require_upgrade_signature=True)
    _, _, gate = parts(web)
    good = SignatureValidator(web.auth_token, web.public_url).sign("/media/twilio/w1", "", {})

    assert gate.may_upgrade("/media/twilio/w1", "", good)
    assert not gate.may_upgrade("/media/twilio/w1", "", "AAAA")
    assert not gate.may_upgrade("/media/twilio/w1", "", "")
