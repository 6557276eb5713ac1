"""What a call came to, as its row tells it: the engine's words and the carrier's, of both directions."""

import datetime as dt
from dataclasses import replace

import pytest

from tests.fakes.accounts import NOW
from tests.fakes.calls import report
from voice_engine.domains.calls import reporting
from voice_engine.domains.calls.models import Call
from voice_engine.ports.call import (
    Disposition,
    Evidence,
    HandledBy,
    Status,
    TakenMessage,
    TaskOutcome,
    TranscriptTurn,
)
from voice_engine.ports.telephony import CallStatus


def _call(direction: str = "outbound", **columns: object) -> Call:
    return Call(id="c", organization_id="o", direction=direction, **columns)


@pytest.mark.parametrize("disposition", list(Disposition))
def test_every_disposition_has_its_reason(disposition: Disposition) -> None:
    """The row's words include the engine's, all of them."""
    ending = reporting.reported(_call(), report("c", disposition=disposition), at=NOW)

    assert ending.reason.value == disposition.value


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_state(status: Status) -> None:
    """Likewise the ends of both directions."""
    assert reporting.reported(_call(), report("c", status=status), at=NOW).status.value == status.value


@pytest.mark.parametrize("carrier", [status for status in CallStatus if status.over])
@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_what_only_the_carrier_knows_is_free(carrier: CallStatus, direction: str) -> None:
    """Nothing was said: no duration, nothing to charge."""
    ending = reporting.unconnected(_call(direction), carrier, at=NOW)

    assert (ending.connected_s, ending.duration_ms, ending.turns) == (None, None, None)
    assert (ending.status.value == "missed") == (direction == "inbound")


def test_an_inbound_call_that_its_owner_ended_was_rejected() -> None:
    """Its states are others than a cancelled outbound call's."""
    call = _call("inbound", stop_requested_at=NOW)

    assert reporting.reported(call, report("c", status=Status.COMPLETED), at=NOW).status.value == "rejected"


def test_what_has_no_column_is_kept_as_a_document() -> None:
    """Citations, evidence, the message: JSON, to the last value."""
    told = report(
        "c",
        message=TakenMessage(name="Eva", phone=None, text="Call back"),
        evidence={"time": Evidence(turn=1, start_ms=10, end_ms=20)},
        citations=("hours",),
        task_outcome=TaskOutcome.UNCLEAR,
    )

    ending = reporting.reported(_call(), told, at=NOW + dt.timedelta(minutes=1))

    assert ending.outcome is not None
    assert ending.outcome["message"] == {"name": "Eva", "phone": None, "text": "Call back"}
    assert ending.outcome["evidence"] == {"time": {"turn": 1, "start_ms": 10, "end_ms": 20}}
    assert ending.outcome["citations"] == ["hours"]


@pytest.mark.parametrize(("by", "column"), [("ai", {}), ("human", {"handled_by": "human"})])
def test_who_led_the_call_is_the_reports_word(by: HandledBy, column: dict[str, str]) -> None:
    """An engine that led it to its end is what a row without a word means."""
    ending = reporting.reported(_call(), replace(report("c"), handled_by=by), at=NOW)

    assert ending.extra == column


def test_a_humans_line_is_kept_as_theirs() -> None:
    turn = TranscriptTurn(index=0, speaker="HUMAN", text="Mine.", start_ms=0, end_ms=1, agent=True)

    assert [row.agent for row in reporting.transcript_rows(_call(), [turn])] == [True]
