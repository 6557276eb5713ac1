"""The carrier's callback fields become a report, or nothing."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.calls.callbacks import read_report
from voice_engine.ports.telephony import CallStatus

FORM = {
    "CallSid": "CA1",
    "CallStatus": "completed",
    "SequenceNumber": "3",
    "CallDuration": "42",
    "Timestamp": "Fri, 13 Feb 2026 15:31:43 +0000",
    "AnsweredBy": "human",
}


def test_every_field_is_read() -> None:
    """Numbers come as text, the time as an RFC 5322 date."""
    report = read_report({"call_id": "c", "attempt_id": "a"}, FORM)

    assert report is not None
    assert (report.call_id, report.attempt_id, report.call_sid) == ("c", "a", "CA1")
    assert (report.status, report.sequence, report.duration_s) == (CallStatus.COMPLETED, 3, 42)
    assert report.at == dt.datetime(2026, 2, 13, 15, 31, 43, tzinfo=dt.UTC)
    assert report.answered_by == "human"


@pytest.mark.parametrize("missing", ["SequenceNumber", "CallDuration", "Timestamp", "AnsweredBy"])
def test_what_may_be_missing_is_none(missing: str) -> None:
    """Inbound calls' and older callbacks have fewer fields."""
    report = read_report({}, {key: value for key, value in FORM.items() if key != missing})

    assert report is not None
    assert None in {report.sequence, report.duration_s, report.at, report.answered_by}


@pytest.mark.parametrize("form", [{}, {"CallSid": "CA1"}, {"CallSid": "", "CallStatus": "busy"}])
def test_what_names_no_call_or_state_is_nothing(form: dict[str, str]) -> None:
    """No guess is made."""
    assert read_report({}, form) is None
    assert read_report({}, {"CallSid": "CA1", "CallStatus": "exploded"}) is None


@given(form=st.dictionaries(st.sampled_from(sorted(FORM)), st.text()))
def test_no_form_breaks_the_reader(form: dict[str, str]) -> None:
    """It is signed, but it comes from outside."""
    read_report({}, {**FORM, **form})
