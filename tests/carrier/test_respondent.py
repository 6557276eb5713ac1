"""The respondent's step engine: when each step comes, and how answers are timed."""

import re
from typing import Any

from voice_engine.carrier.respondent import (
    Act,
    AwaitFloor,
    HangUp,
    PlayBeep,
    PlayMusic,
    PressKeys,
    Quiet,
    Respondent,
    Speak,
)
from voice_engine.carrier.script import RespondentScript, Step


def respondent(*steps: dict[str, Any]) -> Respondent:
    built = []
    for index, keys in enumerate(steps):
        if "when" in keys:
            keys["when"] = re.compile(keys["when"], re.IGNORECASE)
        built.append(Step(**{"id": str(index + 1), **keys}))
    return Respondent(RespondentScript(name="x", language="en", steps=tuple(built)))


def perform(actor: Respondent, now_ms: int, *, lasting_ms: int = 1000) -> list[Act]:
    """Poll, and perform what comes: speech begins at once and ends `lasting_ms` later."""
    acts = actor.poll(now_ms)
    if any(isinstance(act, Speak) and act.slot != "backchannel" for act in acts):
        actor.speech_began(now_ms)
    if acts:
        actor.performed(now_ms + lasting_ms, engine_audible=False)
    return acts


def says(acts: list[Act]) -> list[str]:
    return [act.text for act in acts if isinstance(act, Speak)]


def engine_says(actor: Respondent, text: str, started_ms: int, ended_ms: int) -> None:
    actor.engine_voiced(started_ms)
    actor.engine_started(started_ms)
    actor.engine_stopped()
    actor.engine_said(text, started_ms=started_ms, ended_ms=ended_ms)


def test_a_step_without_when_follows_at_once() -> None:
    actor = respondent({"say": "a"}, {"say": "b"})

    assert says(perform(actor, 0)) == ["a"]
    assert says(perform(actor, 1000)) == ["b"]
    assert actor.over


def test_acts_come_in_the_order_that_the_format_fixes() -> None:
    keys: dict[str, Any] = {
        "say": "x",
        "hang_up": True,
        "dtmf": "1",
        "beep": True,
        "music_ms": 3,
        "silence_ms": 2,
        "wait_ms": 1,
    }

    acts = respondent(keys).poll(0)

    assert acts == [Quiet(1), Quiet(2), PlayMusic(3), PlayBeep(), PressKeys("1"), Speak("1", "say", "x"), HangUp()]


def test_when_waits_for_a_finished_utterance_that_matches() -> None:
    actor = respondent({"say": "hello"}, {"when": "table", "say": "sure"})
    perform(actor, 0)

    assert actor.poll(2000) == []
    engine_says(actor, "a table please", 1500, 2500)
    assert says(perform(actor, 3000)) == ["sure"]


def test_without_else_it_waits_through_what_does_not_match() -> None:
    actor = respondent({"when": "table", "say": "sure"})

    engine_says(actor, "hello", 500, 1000)
    assert actor.poll(1500) == []
    engine_says(actor, "a table please", 2000, 3000)
    assert says(actor.poll(3500)) == ["sure"]


def test_what_was_said_since_the_previous_step_counts_together() -> None:
    """ "half past" and "eight" in two utterances match "half past eight"."""
    actor = respondent({"when": "half past eight", "say": "sure"})

    engine_says(actor, "at half past", 500, 1000)
    assert actor.poll(1500) == []
    engine_says(actor, "eight", 1600, 2000)

    assert says(actor.poll(2500)) == ["sure"]


def test_a_waiting_step_is_done_anyway_after_20_s() -> None:
    actor = respondent({"say": "hello"}, {"when": "table", "say": "sure"})
    perform(actor, 0)

    assert actor.poll(20_980) == []
    assert says(actor.poll(21_000)) == ["sure"]
    assert any("waited" in note for note in actor.notes)


def test_else_is_said_three_times_and_then_the_step_is_done() -> None:
    actor = respondent({"when": "table", "say": "sure", "otherwise": "what?"})
    said = []
    now_ms = 0
    for _ in range(4):
        engine_says(actor, "hello", now_ms + 500, now_ms + 1000)
        said += says(perform(actor, now_ms + 1500))
        now_ms += 3000

    assert said == ["what?", "what?", "what?", "sure"]


def test_else_then_a_match_does_the_step() -> None:
    actor = respondent({"when": "table", "say": "sure", "otherwise": "what?"})

    engine_says(actor, "hello", 500, 1000)
    first = says(perform(actor, 1500))
    engine_says(actor, "a table", 3000, 4000)

    assert (first, says(perform(actor, 4500))) == (["what?"], ["sure"])


def test_an_utterance_that_the_respondent_talked_over_is_not_its_answer() -> None:
    """The rest of the old reply ends while the respondent speaks: the next step waits for the new one."""
    actor = respondent({"say": "one moment"}, {"when": ".", "say": "sure", "otherwise": "what?"})
    actor.engine_started(0)
    actor.poll(500)
    actor.speech_began(500)
    actor.engine_stopped()
    actor.engine_said("old reply", started_ms=0, ended_ms=900)
    actor.performed(1500, engine_audible=False)

    assert actor.poll(2000) == []


def test_an_answer_inside_a_pause_of_the_say_counts() -> None:
    """The engine may answer between two halves of a long `say`."""
    actor = respondent({"say": "hello [3000] are you there"}, {"when": "yes", "say": "good"})
    actor.poll(0)
    actor.speech_began(0)
    actor.engine_said("yes hello", started_ms=1500, ended_ms=2500)
    actor.performed(5000, engine_audible=False)

    assert says(actor.poll(5000)) == ["good"]


def test_expect_dtmf_takes_the_place_of_when() -> None:
    actor = respondent({"expect_dtmf": "12", "say": "thanks"})

    actor.keys("1")
    assert actor.poll(100) == []
    actor.keys("2")
    assert says(actor.poll(200)) == ["thanks"]


def test_wrong_keys_and_words_lead_to_the_else_of_a_menu() -> None:
    actor = respondent({"expect_dtmf": "2", "say": "thanks", "otherwise": "press two"})

    actor.keys("9")
    wrong_key = says(perform(actor, 100))
    engine_says(actor, "two please", 2000, 3000)
    words = says(perform(actor, 3500))
    actor.keys("2")

    assert (wrong_key, words, says(perform(actor, 6000))) == (["press two"], ["press two"], ["thanks"])


def test_barge_in_starts_that_long_into_the_engines_next_speech() -> None:
    actor = respondent({"say": "hello"}, {"say": "stop!", "barge_in_after_ms": 700})
    perform(actor, 0)

    assert actor.poll(1500) == []
    actor.engine_started(2000)
    assert actor.poll(2680) == []
    assert says(actor.poll(2700)) == ["stop!"]


def test_speech_that_began_before_the_previous_step_is_not_the_next_speech() -> None:
    actor = respondent({"say": "hello"}, {"say": "stop!", "barge_in_after_ms": 700})
    actor.engine_started(0)
    perform(actor, 500)

    assert actor.poll(3000) == []


def test_a_speech_too_short_to_be_interrupted_is_let_go() -> None:
    actor = respondent({"say": "stop!", "barge_in_after_ms": 2000})

    actor.engine_started(0)
    actor.engine_stopped()
    assert actor.poll(2500) == []
    actor.engine_started(4000)
    assert says(actor.poll(6000)) == ["stop!"]


def test_a_backchannel_neither_waits_for_the_floor_nor_cuts_the_engines_words_off() -> None:
    """The reply that it falls into is still the answer to the step before."""
    actor = respondent({"say": "hello"}, {"backchannel": "mm-hm"}, {"when": "table", "say": "sure"})
    perform(actor, 0)
    actor.engine_started(1500)

    assert says(perform(actor, 2300, lasting_ms=300)) == ["mm-hm"]
    actor.engine_stopped()
    actor.engine_said("I need a table", started_ms=1500, ended_ms=4000)
    assert says(actor.poll(4500)) == ["sure"]


def test_a_reply_waits_for_the_floor_but_an_unconditional_step_does_not() -> None:
    reply = respondent({"when": ".", "say": "sure"})
    engine_says(reply, "hello", 0, 500)

    assert reply.poll(1000) == [AwaitFloor(), Speak("1", "say", "sure")]
    assert respondent({"say": "hello"}).poll(0) == [Speak("1", "say", "hello")]


def test_answers_are_timed_from_the_end_of_the_speech() -> None:
    actor = respondent({"say": "hello", "within_ms": 800}, {"when": ".", "say": "sure"})
    perform(actor, 0, lasting_ms=1000)
    engine_says(actor, "a table", 1900, 3000)

    assert [(r.step_id, r.after_ms) for r in actor.responses] == [("1", 900)]
    assert actor.responses[0].problem() == "within_ms: step 1: the engine answered after 900 ms, not within 800 ms"


def test_a_missing_answer_is_a_problem_only_once_its_time_is_over() -> None:
    late, early = (respondent({"say": "hello", "within_ms": 3000}) for _ in range(2))
    for actor in (late, early):
        perform(actor, 0, lasting_ms=1000)
    late.finish(4000)
    early.finish(3000)

    assert [response.problem() for response in late.responses] == [
        "within_ms: step 1: the engine did not answer, not within 3000 ms"
    ]
    assert early.responses == []


def test_an_answer_is_not_timed_when_the_respondent_spoke_again_first() -> None:
    actor = respondent({"say": "hello"}, {"wait_ms": 500, "say": "anyone?"})
    perform(actor, 0)
    perform(actor, 1000, lasting_ms=1500)
    actor.engine_voiced(3000)

    assert [(r.step_id, r.after_ms) for r in actor.responses] == [("2", 500)]


def test_an_engine_that_already_speaks_answers_at_once() -> None:
    actor = respondent({"say": "hello", "within_ms": 0})
    actor.poll(0)
    actor.speech_began(0)
    actor.performed(1000, engine_audible=True)

    assert actor.responses[0].after_ms == 0


def test_a_call_that_ends_early_names_the_step_that_never_came() -> None:
    actor = respondent({"say": "hello"}, {"when": "bye", "hang_up": True})
    perform(actor, 0)
    actor.finish(5000)

    assert actor.notes == ["the call ended before step 2"]
