"""Logging: masked, machine-readable, and quiet about libraries."""

import io
import json
import logging

import pytest
import structlog

from voice_engine.telemetry.logging import Format, configure_logging, mask_personal_data


def lines_of(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_personal_data_is_masked_at_any_depth() -> None:
    event = mask_personal_data(
        None, "info", {"event": "turn.completed", "pii_text": "I am Ada", "turn": {"pii_name": "Ada", "index": 2}}
    )

    assert event == {"event": "turn.completed", "pii_text": "***", "turn": {"pii_name": "***", "index": 2}}


def test_personal_data_inside_lists_is_masked() -> None:
    assert mask_personal_data(None, "info", {"turns": [{"pii_text": "x"}]}) == {"turns": [{"pii_text": "***"}]}


def test_absent_personal_data_stays_absent() -> None:
    """That a name was not given is a fact worth keeping."""
    assert mask_personal_data(None, "info", {"pii_name": None}) == {"pii_name": None}


def test_json_lines_carry_event_level_time_and_context() -> None:
    stream = io.StringIO()
    configure_logging(output="json", stream=stream)
    structlog.contextvars.bind_contextvars(call_id="c1")

    structlog.get_logger().info("call.ended", seconds=3)

    (line,) = lines_of(stream)
    assert (line["event"], line["level"], line["call_id"], line["seconds"]) == ("call.ended", "info", "c1", 3)
    assert str(line["timestamp"]).endswith("Z")


def test_masking_holds_in_the_written_line() -> None:
    stream = io.StringIO()
    configure_logging(output="json", stream=stream)

    structlog.get_logger().info("turn.completed", pii_text="card 4111")

    assert "4111" not in stream.getvalue()


def test_an_operator_may_ask_for_personal_data() -> None:
    stream = io.StringIO()
    configure_logging(output="json", personal_data=True, stream=stream)

    structlog.get_logger().info("turn.completed", pii_text="eight thirty")

    assert lines_of(stream)[0]["pii_text"] == "eight thirty"


def test_levels_below_the_asked_one_are_dropped() -> None:
    stream = io.StringIO()
    configure_logging(output="json", level="warning", stream=stream)

    structlog.get_logger().info("call.started")

    assert stream.getvalue() == ""


def test_a_library_speaks_in_the_same_format_and_only_of_trouble() -> None:
    stream = io.StringIO()
    configure_logging(output="json", stream=stream)

    logging.getLogger("a.library").info("chatter")
    logging.getLogger("a.library").warning("trouble")

    assert [line["event"] for line in lines_of(stream)] == ["trouble"]


def test_an_exception_is_one_json_line() -> None:
    stream = io.StringIO()
    configure_logging(output="json", stream=stream)

    try:
        raise ValueError("boom")
    except ValueError:
        structlog.get_logger().exception("call.failed")

    (line,) = lines_of(stream)
    assert "ValueError" in json.dumps(line["exception"])


def test_console_lines_have_no_colour_codes_off_a_terminal() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)

    structlog.get_logger().info("call.ended")

    assert "call.ended" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("output", ["json", "console"])
def test_a_traceback_shows_no_variables(output: Format) -> None:
    """They hold payloads: what a caller said, tokens."""
    stream = io.StringIO()
    configure_logging(output=output, stream=stream)

    def fail(said: str) -> None:
        raise RuntimeError("boom")

    try:
        fail("my card number is " + "2424"[::-1])
    except RuntimeError:
        structlog.get_logger().exception("call.failed")

    assert "boom" in stream.getvalue()
    assert "4242" not in stream.getvalue()
