"""The respondents that need no file, on a line of their own."""

import pytest

from voice_engine.carrier.respondent import HangUp, PlayBeep, Respondent, Speak
from voice_engine.carrier.rest.persons import caller, person, voicemail
from voice_engine.carrier.script import RespondentScript


def conversation(script: RespondentScript, *engine: str) -> list[str]:
    """What the respondent does, the engine saying one thing after each of its turns."""
    respondent, done, now_ms = Respondent(script), list[str](), 0
    for text in ("", *engine, ""):
        now_ms += 1000
        if text:
            respondent.engine_said(text, started_ms=now_ms, ended_ms=now_ms + 500)
            now_ms += 500
        while acts := respondent.poll(now_ms):
            for act in acts:
                match act:
                    case Speak(_, _, words):
                        respondent.speech_began(now_ms)
                        done.append(words)
                    case HangUp():
                        done.append("(hangs up)")
                    case PlayBeep():
                        done.append("(tone)")
                    case _:
                        pass
            now_ms += 1000
            respondent.performed(now_ms, engine_audible=False)
            if respondent.over:
                return done
    return done


@pytest.mark.parametrize(
    ("language", "engine", "said"),
    [
        (
            "en",
            (
                "A table for four at eight. Is that possible?",
                "So four at eight. Is that right?",
                "Great, thank you!",
            ),
            ["Hello, how can I help you?", "Yes, that works for us.", "Yes, that is right."],
        ),
        (
            "es",
            (
                "Una mesa para cuatro. ¿Es posible?",
                "Entonces, cuatro. ¿Es correcto?",
                "Perfecto, ¡gracias por todo!",
            ),
            ["Hola, ¿en qué puedo ayudarle?", "Sí, nos viene bien.", "Muy bien, sí, está bien así."],
        ),
    ],
)
def test_a_person_agrees_until_thanked(language: str, engine: tuple[str, ...], said: list[str]) -> None:
    done = conversation(person(language), *engine)

    assert done[:3] == said
    assert done[-1] == "(hangs up)"
    assert len(done) == 5


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_caller_waits_for_the_greeting_asks_thanks_and_leaves(language: str) -> None:
    assert conversation(caller(language)) == []
    question, thanks, left = conversation(caller(language), "Good morning.", "From nine to five.")

    assert question.endswith("?")
    assert ("thank" in thanks or "gracias" in thanks) and left == "(hangs up)"


def test_a_mailbox_greets_sounds_its_tone_and_hangs_up_by_itself() -> None:
    assert conversation(voicemail("You have reached Ana.", "en")) == [
        "You have reached Ana.",
        "(tone)",
        "(hangs up)",
    ]
