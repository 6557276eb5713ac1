"""A stored task is what the engine gets, whatever the submission."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.calls.composing import read_task, write_task
from voice_engine.ports.call import Category, Submission

WORDS = st.text(min_size=1, max_size=20)
SUBMISSIONS = st.builds(
    Submission,
    task_category=st.sampled_from([category for category in Category if category is not Category.RECEPTIONIST]),
    task_description=WORDS,
    respondent_phone=st.just("+14155551234"),
    business_name=st.none() | WORDS,
    user_name=st.none() | WORDS,
    user_phone=st.none() | st.just("+14155550000"),
    appointment_date=st.none() | st.dates(min_value=dt.date(2000, 1, 1)),
    appointment_time=st.none() | st.builds(dt.time, st.integers(0, 23), st.integers(0, 59)),
    time_preference_text=st.none() | WORDS,
    party_size=st.none() | st.integers(1, 50),
    language=st.sampled_from(["en", "es"]),
    call_language=st.sampled_from(["en", "es"]),
    is_urgent=st.booleans(),
    additional_instructions=st.lists(WORDS, max_size=3).map(tuple),
)


@given(submission=SUBMISSIONS)
def test_a_task_reads_as_it_was_written(submission: Submission) -> None:
    """Nothing is lost between request, row and call."""
    assert read_task(write_task(submission)) == submission


def test_the_spoken_language_defaults_to_the_owners() -> None:
    """`call_language` is echoed even where it was not given."""
    plain = Submission(
        task_category=Category.GENERAL, task_description="x", respondent_phone="+14155551234", language="es"
    )

    assert write_task(plain)["call_language"] == "es"
