"""The checks against paraphrases that are known to be good: the templates' own variants of the same act."""

import itertools
from collections.abc import Iterator

import pytest

from tests.fakes.dialogue import restaurant_spec
from voice_engine.core.dialogue.clauses import cut_clauses
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.core.dialogue.llm.check import Wording
from voice_engine.core.dialogue.llm.plan import plan_turn
from voice_engine.ports.call import Language

CALLS: dict[Language, list[list[str]]] = {
    "en": [
        ["thanks for calling nobu", "we are full at eight i can do eight thirty", "what name", "for how many"],
        ["hello", "we are full that day", "nothing at all", "no sorry"],
        ["hello", "only at ten p.m.", "no", "five p.m.", "what phone number"],
        [
            "hello",
            "yes at eight",
            "so four people saturday at eight under john smith is that right",
            "a credit card?",
        ],
        ["hello", "which time was it", "great you are all set your confirmation number is one two three four five"],
    ],
    "es": [
        ["hola nobu dígame", "a las ocho no pero a las ocho y media sí", "a qué nombre", "para cuántos"],
        ["dígame", "estamos completos ese día", "no", "a las diez", "para qué día"],
        ["hola", "perfecto queda reservado su código es uno dos tres cuatro", "un momento", "ya estoy"],
    ],
}
VARIANTS = 4


def _wordings(language: Language, texts: list[str], variant: int) -> list[Wording | None]:
    """The plan of each turn of one call; calls differ by the variants that their ids choose."""
    spec = restaurant_spec(language=language, call_id=f"call-{variant}")
    conversation = Conversation(spec)
    conversation.open(0)
    plans = []
    for index, text in enumerate(texts):
        history = tuple(conversation.history)
        actions = conversation.on_utterance(text, start_ms=0, end_ms=1, turn=index, now_ms=0)
        plans.append(plan_turn(spec, history, text, actions))
    return [plan.wording if plan is not None else None for plan in plans]


def _pairs(language: Language) -> Iterator[tuple[Wording, str]]:
    """An act and another variant's wording of the same act in the same state."""
    for texts in CALLS[language]:
        calls = [_wordings(language, texts, variant) for variant in range(VARIANTS)]
        for one, other in itertools.permutations(calls, 2):
            for act, words in zip(one, other, strict=True):
                if act is not None and words is not None and act.text != words.text and _acts(act) == _acts(words):
                    yield act, words.text


def _acts(wording: Wording) -> list[str]:
    return [say.template for say in wording.says]


def _refused(act: Wording, words: str) -> str | None:
    spoken = ""
    for clause in cut_clauses(words):
        if objection := act.objection(clause, spoken):
            return f"{objection}: {clause}"
        spoken = f"{spoken} {clause}".strip()
    return None


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_good_paraphrases_are_rarely_refused(language: Language) -> None:
    """A check that refuses everything would pass every test of lies and make a model useless."""
    pairs = list(_pairs(language))

    refused = [reason for act, words in pairs if (reason := _refused(act, words))]

    assert len(pairs) >= 30
    assert len(refused) <= 0.03 * len(pairs), sorted(set(refused))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_good_paraphrases_rarely_need_an_addition(language: Language) -> None:
    """What was said in other words must not be said again."""
    pairs = [(act, words) for act, words in _pairs(language) if _refused(act, words) is None]

    repeated = [(words, missing) for act, words in pairs if (missing := act.missing(words))]

    assert len(repeated) <= 0.06 * len(pairs), repeated[:5]
