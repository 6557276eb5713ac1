"""The engine's door: who is let in."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from tests.fakes.call_rig import RECEPTIONIST
from tests.web.fakes import FakeDesk
from voice_engine.clock import run_virtual
from voice_engine.ports.call import CallSpec, TranscriptTurn, TurnLatency
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime import closing
from voice_engine.runtime.services import CallServices
from voice_engine.telemetry.metrics import Metrics
from voice_engine.web.calls import Admitted, Answer, HangUp, IncomingCall, Plan, Refuse, Talk
from voice_engine.web.line import Ahead, Furnish, LineEngine, late_answers

CALL = IncomingCall(
    call_sid="CA" + "0" * 32, account_sid="AC" + "0" * 32, caller="+1", callee="+2", direction="inbound"
)


def equip(spec: CallSpec, control: CallControl) -> CallServices:
    """Of a call that is let in; admission opens nothing."""
    raise AssertionError("admission opens nothing")


def answers(
    plan: Plan, rooms: Iterator[bool], ahead: Ahead | None = None, furnish: Furnish | None = None
) -> list[Answer]:
    """What two calls are answered, by what `rooms` says each time it is asked."""

    async def main() -> list[Answer]:
        async with asyncio.TaskGroup() as tasks:
            engine = LineEngine(
                desk=FakeDesk(plan),
                equip=equip,
                directory=None,
                tasks=tasks,
                room=lambda: next(rooms),
                ahead=ahead,
                furnish=furnish,
            )
            return [await engine.admit(CALL) for _ in range(2)]

    return run_virtual(main())


def test_a_call_is_refused_while_the_providers_have_no_room() -> None:
    taken, refused = answers(Talk(spec=RECEPTIONIST), iter([True, False]))

    assert taken == Admitted(call=replace(CALL, spec=RECEPTIONIST))
    assert refused == Refuse(reason="busy")


def test_whoever_answered_our_call_is_hung_up_on_when_the_providers_have_no_room() -> None:
    """The desk ends the call at once; nobody waits a minute for a report that never comes."""
    desk = FakeDesk(Talk(spec=RECEPTIONIST))
    ours = replace(CALL, query={"call_id": "c1", "attempt_id": "a1"})

    async def main() -> Answer:
        async with asyncio.TaskGroup() as tasks:
            engine = LineEngine(desk=desk, equip=equip, directory=None, tasks=tasks, room=lambda: False)
            return await engine.admit(ours)

    assert run_virtual(main()) == HangUp()
    assert desk.told == ["turned away"]


def test_a_call_that_needs_no_conversation_takes_no_room() -> None:
    """A rejected or transferred call must not wait for the speech models."""
    assert answers(Refuse(), iter([])) == [Refuse(), Refuse()]


def test_what_a_call_says_first_is_prepared_when_it_is_let_in() -> None:
    """And only then; a preparation that breaks ends neither this call nor the others."""
    prepared: list[str] = []

    async def ahead(spec: CallSpec) -> None:
        prepared.append(spec.call_id)
        raise ZeroDivisionError

    taken, refused = answers(Talk(spec=RECEPTIONIST), iter([True, False]), ahead)

    assert isinstance(taken, Admitted)
    assert isinstance(refused, Refuse)
    assert prepared == [RECEPTIONIST.call_id]


def test_an_organizations_own_things_are_there_before_its_call_is_prepared() -> None:
    """What is said first is spoken by the synthesizer that the call will have."""
    done: list[str] = []

    async def furnish(spec: CallSpec) -> None:
        await asyncio.sleep(1)
        done.append("furnished")

    async def ahead(spec: CallSpec) -> None:
        done.append("prepared")

    answers(Talk(spec=RECEPTIONIST), iter([True, False]), ahead, furnish)

    assert done == ["furnished", "prepared"]


def test_answers_that_came_late_are_counted() -> None:
    turns = tuple(
        TranscriptTurn(index=index, speaker="AI", text="Yes.", start_ms=0, end_ms=1, latency=latency)
        for index, latency in enumerate(
            [TurnLatency(total=1_400.0), TurnLatency(total=1_600.0), TurnLatency(total=None), None]
        )
    )

    late = late_answers(replace(closing.unconnected(RECEPTIONIST), turns=turns))

    assert late == 1


def test_calls_that_never_came_here_are_counted_as_refused() -> None:
    """By the webhook's reason: the process is full, or drains."""

    async def main() -> str:
        async with asyncio.TaskGroup() as tasks:
            metrics = Metrics()
            engine = LineEngine(
                desk=FakeDesk(Refuse()), equip=no_services, directory=None, tasks=tasks, metrics=metrics
            )
            engine.count_refusal("full")
            return metrics.render().decode()

    assert 'voice_engine_calls_refused_total{reason="full"} 1.0' in run_virtual(main())


def no_services(spec: CallSpec, control: CallControl) -> CallServices:
    raise AssertionError("nothing is opened")
