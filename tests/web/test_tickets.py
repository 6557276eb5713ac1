"""Tickets: bound, short-lived, single-use."""

import threading

from tests.web.fakes import CALL_SID, OTHER_SID, call
from voice_engine.web.calls import IncomingCall
from voice_engine.web.tickets import Tickets


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_ticket_opens_its_own_call() -> None:
    tickets = Tickets(ttl_s=60, now=Clock())

    assert tickets.redeem(tickets.issue(call()), CALL_SID) == call()


def test_a_ticket_works_once() -> None:
    tickets = Tickets(ttl_s=60, now=Clock())
    ticket = tickets.issue(call())

    assert [tickets.redeem(ticket, CALL_SID) is None for _ in range(3)] == [False, True, True]


def test_a_ticket_shown_for_another_call_is_refused_and_spent() -> None:
    tickets = Tickets(ttl_s=60, now=Clock())
    ticket = tickets.issue(call())

    assert tickets.redeem(ticket, OTHER_SID) is None
    assert tickets.redeem(ticket, CALL_SID) is None


def test_a_ticket_dies_at_its_hour() -> None:
    clock = Clock()
    tickets = Tickets(ttl_s=60, now=clock)
    early, late = tickets.issue(call()), tickets.issue(call())

    clock.now += 59.9
    assert tickets.redeem(early, CALL_SID) is not None
    clock.now += 0.1
    assert tickets.redeem(late, CALL_SID) is None


def test_a_forged_ticket_is_refused() -> None:
    assert Tickets(ttl_s=60, now=Clock()).redeem("", CALL_SID) is None


def test_tickets_cannot_be_guessed_from_one_another() -> None:
    tickets = Tickets(ttl_s=60, now=Clock())

    issued = {tickets.issue(call()) for _ in range(100)}

    assert len(issued) == 100
    assert min(len(ticket) for ticket in issued) >= 32


def test_unused_tickets_do_not_pile_up() -> None:
    """Calls that are announced and never come must not fill memory, nor count against the calls."""
    clock = Clock()
    tickets = Tickets(ttl_s=60, now=clock)
    for _ in range(50):
        tickets.issue(call())

    clock.now += 30
    tickets.issue(call())
    clock.now += 31

    assert len(tickets) == 1


def test_of_many_threads_one_gets_the_call() -> None:
    tickets = Tickets(ttl_s=60, now=Clock())
    ticket = tickets.issue(call())
    barrier = threading.Barrier(8)
    got: list[IncomingCall] = []

    def show() -> None:
        barrier.wait()
        found = tickets.redeem(ticket, CALL_SID)
        if found is not None:
            got.append(found)

    threads = [threading.Thread(target=show) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got == [call()]
