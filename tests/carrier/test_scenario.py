"""Scripted-respondent files: every key is read, and every mistake is named with its line."""

import datetime as dt
from pathlib import Path

import pytest

from voice_engine.carrier.scenario import Scenario, find_scenarios, load_scenario
from voice_engine.carrier.script import ABSENT, Echo, plain, segments
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Category, GreetingMode

OUTBOUND = """\
name: counter-offer
direction: outbound
language: en
now: 2026-02-13T10:00:00-05:00
submission: {task_category: restaurant, task_description: Reserve a table, respondent_phone: "+15550100123",
             party_size: 4, appointment_date: 2026-02-14, appointment_time: "20:00",
             time_preference_text: between 7 and 9, user_name: John Smith}
line: {answer_after_ms: 1200, noise_db: null, gain_db: -3, packet_loss: 0.01, echo: {db: -12, delay_ms: 100}}
respondent:
  voice: null
  steps:
    - say: Thanks for calling [400] Nobu.
    - {id: offer, when: reservation|table, say: "Eight thirty?", within_ms: 3000, else: "Sorry?"}
    - {expect_dtmf: "2", wait_ms: 100, silence_ms: 200, music_ms: 300, beep: true, dtmf: "5#"}
    - {backchannel: mm-hm}
    - {say: Wait!, barge_in_after_ms: 700}
    - {when: no, hang_up: yes}
expect:
  status: success
  task_outcome: achieved
  agreed: {date: 2026-02-14, time: 20:30, party_size: 4, name: "4"}
  confirmation: 012345
  highlights: ["8:30"]
  said: four|4
  not_said: [nine]
  max_response_ms: 3000
"""

INBOUND = """\
direction: inbound
language: es
now: 2026-02-13T10:00:00+01:00
assistant:
  name: Ana
  greeting: Hola
  greeting_mode: assistant-waits-for-user
  business: {name: Clínica Sol, type: dentist, address: Sol 1, timezone: Europe/Madrid, services: [limpieza]}
  hours: {monday: {open: "09:00", close: "17:00"}, friday: {open: 09:00, close: 24:00}}
  knowledge: [{key: parking, text: Hay parking}]
  transfer_targets: {manager: "+34911234567"}
  calendar: {slot_minutes: 45, busy: [{start: 2026-02-13T11:00, end: 2026-02-13T12:00:00+00:00}]}
respondent: {steps: [{say: Hola}]}
"""


def load(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "call.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def test_reads_an_outbound_call(tmp_path: Path) -> None:
    scenario = load(tmp_path, OUTBOUND)

    submission = scenario.spec.submission
    assert submission is not None
    assert (scenario.name, scenario.spec.call_id, scenario.spec.direction) == ("counter-offer",) * 2 + ("outbound",)
    assert scenario.spec.answered_at == dt.datetime(2026, 2, 13, 10, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    assert submission.task_category is Category.RESTAURANT
    assert (submission.appointment_date, submission.appointment_time) == (dt.date(2026, 2, 14), dt.time(20))
    assert (submission.party_size, submission.user_name) == (4, "John Smith")
    assert (scenario.line.gain_db, scenario.line.packet_loss) == (-3.0, 0.01)
    assert scenario.line.echo == Echo(db=-12.0, delay_ms=100)


def test_reads_every_step_key(tmp_path: Path) -> None:
    steps = load(tmp_path, OUTBOUND).script.steps

    assert [step.id for step in steps] == ["step1", "offer", "step3", "step4", "step5", "step6"]
    assert steps[1].when is not None
    assert steps[1].when.search("A TABLE for four")
    assert (steps[1].otherwise, steps[1].within_ms) == ("Sorry?", 3000)
    third = steps[2]
    assert (third.expect_dtmf, third.wait_ms, third.silence_ms, third.music_ms) == ("2", 100, 200, 300)
    assert (third.beep, third.dtmf) == (True, "5#")
    assert steps[3].backchannel == "mm-hm"
    assert steps[4].barge_in_after_ms == 700
    assert steps[5].hang_up


def test_words_that_yaml_reads_as_booleans_stay_words(tmp_path: Path) -> None:
    """`when: no` is a word that the engine may say, not false."""
    when = load(tmp_path, OUTBOUND).script.steps[5].when

    assert when is not None
    assert when.pattern == "no"


def test_expectations_keep_dates_times_and_codes_as_written(tmp_path: Path) -> None:
    expect = load(tmp_path, OUTBOUND).expect

    assert expect.agreed == {"date": "2026-02-14", "time": "20:30", "party_size": 4, "name": "4"}
    assert expect.confirmation == "012345"
    assert [pattern.pattern for pattern in expect.said] == ["four|4"]
    assert expect.max_response_ms == 3000


def test_null_expectations_differ_from_absent_ones(tmp_path: Path) -> None:
    text = (
        OUTBOUND.split("expect:", maxsplit=1)[0]
        + "expect: {agreed: null, task_outcome: null, confirmation: null}\n"
    )
    stated = load(tmp_path, text).expect
    absent = load(tmp_path, OUTBOUND.split("expect:", maxsplit=1)[0]).expect

    assert (stated.agreed, stated.task_outcome, stated.confirmation) == (None, None, None)
    assert absent.agreed is ABSENT
    assert absent.task_outcome is ABSENT


def test_reads_an_inbound_assistant(tmp_path: Path) -> None:
    scenario = load(tmp_path, INBOUND)

    assistant = scenario.spec.assistant
    assert assistant is not None
    assert (assistant.name, assistant.greeting_mode) == ("Ana", GreetingMode.CALLER_FIRST)
    assert assistant.business.services == ("limpieza",)
    assert assistant.hours["friday"].close == dt.time(0)
    assert assistant.slot_minutes == 45
    assert assistant.transfer_targets == {"manager": "+34911234567"}
    assert (scenario.spec.app_language, scenario.spec.language) == ("es", "es")


def test_a_busy_time_without_offset_is_local_to_the_call(tmp_path: Path) -> None:
    assistant = load(tmp_path, INBOUND).spec.assistant

    assert assistant is not None
    (busy,) = assistant.busy
    assert [busy.start.isoformat(), busy.end.isoformat()] == [
        "2026-02-13T11:00:00+01:00",
        "2026-02-13T12:00:00+00:00",
    ]


def test_a_booking_made_before_the_call_is_known(tmp_path: Path) -> None:
    text = INBOUND.replace(
        "busy:",
        "bookings: [{start: 2026-02-16T10:00, name: Eva Ruiz, phone: '+34600123456', reference: R7}], busy:",
    )

    assistant = load(tmp_path, text).spec.assistant

    assert assistant is not None
    (booking,) = assistant.bookings
    assert (booking.start.isoformat(), booking.name, booking.reference) == (
        "2026-02-16T10:00:00+01:00", "Eva Ruiz", "R7",
    )  # fmt: skip


def test_the_app_language_is_the_submissions(tmp_path: Path) -> None:
    text = OUTBOUND.replace("user_name: John Smith", "language: es, call_language: en")

    spec = load(tmp_path, text).spec

    assert (spec.app_language, spec.language) == ("es", "en")


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "what"),
    [
        ("direction: outbound", "direction: sideways", 2, "direction", "inbound, outbound"),
        ("language: en", "language: fr", 3, "language", "en, es"),
        ("now: 2026-02-13T10:00:00-05:00", "now: yesterday", 4, "now", "ISO time"),
        ("now: 2026-02-13T10:00:00-05:00", "now: 2026-02-13T10:00:00", 4, "now", "offset"),
        ("now: 2026-02-13T10:00:00-05:00\n", "", 1, "", "now is missing"),
        ("task_category: restaurant", "task_category: bank", 5, "submission.task_category", "clinic"),
        ("task_category: restaurant, ", "", 5, "submission", "task_category"),
        ("party_size: 4, appointment", "party_size: many, appointment", 6, "submission.party_size", "'many'"),
        ("party_size: 4, appointment", "party: 4, appointment", 6, "submission.party", "unknown key"),
        ('"+15550100123"', '"555"', 5, "submission.respondent_phone", "E.164"),
        ("appointment_date: 2026-02-14", "appointment_date: 2026-02-31", 6, "submission.appointment_date", "YYYY"),
        ("user_name: John Smith", "call_language: es", 7, "submission.call_language", "language is en"),
        ("packet_loss: 0.01", "packet_loss: 5", 8, "line.packet_loss", "0 to 0.9"),
        ("echo: {db: -12, delay_ms: 100}", "echo: {db: -12}", 8, "line.echo", "delay_ms"),
        ("when: reservation|table", 'when: "(table"', 13, "respondent.steps[1].when", "regular expression"),
        ('expect_dtmf: "2"', 'expect_dtmf: "2", when: x', 14, "respondent.steps[2].expect_dtmf", "takes the place"),
        ('dtmf: "5#"', 'dtmf: "5x"', 14, "respondent.steps[2].dtmf", "0-9"),
        ("{backchannel: mm-hm}", "{backchanel: mm-hm}", 15, "respondent.steps[3].backchanel", "unknown key"),
        ("{backchannel: mm-hm}", "{else: huh}", 15, "respondent.steps[3].else", "when"),
        ("hang_up: yes", "hang_up: maybe", 17, "respondent.steps[5].hang_up", "true or false"),
        ("id: offer", "id: step1", 13, "respondent.steps[1]", "used twice"),
        ("status: success", "status: great", 19, "expect.status", "success"),
        ("max_response_ms: 3000", "max_response_ms: -1", 26, "expect.max_response_ms", "0 to"),
        ("name: counter-offer", "name: counter-offer\nname: again", 2, "name", "twice"),
        ("name: counter-offer", "naem: counter-offer", 1, "naem", "unknown key"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_line_and_key(
    tmp_path: Path, old: str, new: str, line: int, key: str, what: str
) -> None:
    assert old in OUTBOUND

    with pytest.raises(InvalidInput) as caught:
        load(tmp_path, OUTBOUND.replace(old, new, 1))

    place = f"{tmp_path / 'call.yaml'}:{line}: "
    assert caught.value.message.startswith(f"{place}{key}: " if key else place)
    assert what in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: [1", ":1: not YAML"),
        ("- 1", "mapping"),
        ("", "mapping"),
        ("a: b: c", ":1: not YAML"),
        ("direction: outbound\n\tlanguage: en", ":2: not YAML"),
    ],
)
def test_broken_yaml_is_one_line_with_its_place(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path, text)

    assert what in caught.value.message
    assert "\n" not in caught.value.message


def test_files_that_are_not_there_or_not_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")

    for name, code in (("missing.yaml", "unreadable_file"), ("binary.yaml", "bad_yaml")):
        with pytest.raises(InvalidInput) as caught:
            load_scenario(tmp_path / name)
        assert caught.value.code == code
        assert name in caught.value.message


def test_a_line_that_does_not_answer_needs_no_respondent(tmp_path: Path) -> None:
    head = OUTBOUND.split("line:", maxsplit=1)[0]

    assert load(tmp_path, head + "line: {answer: busy}\n").script.steps == ()
    with pytest.raises(InvalidInput):
        load(tmp_path, head)


def test_folders_are_searched_and_must_hold_something(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "two.yml").write_text("x: 1")
    (tmp_path / "one.yaml").write_text("x: 1")

    assert find_scenarios([tmp_path]) == [inner / "two.yml", tmp_path / "one.yaml"]
    for missing in (tmp_path / "nowhere", _empty(tmp_path)):
        with pytest.raises(InvalidInput):
            find_scenarios([missing])


def _empty(tmp_path: Path) -> Path:
    empty = tmp_path / "empty"
    empty.mkdir()
    return empty


def test_pauses_are_cut_out_of_a_say() -> None:
    assert segments("One [400] two[50]") == ["One", 400, "two", 50]
    assert plain("[200] One [400] two") == "One two"
