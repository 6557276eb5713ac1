"""Was that an interruption? Judges speech over the engine's reply: react, decide, then clear or resume.

| so far                                                          | verdict                              |
|------------------------------------------------------------------|--------------------------------------|
| goes on, and is longer than any backchannel                      | CLEAR                                |
| goes on; the first word is a stop word, or two different words   | CLEAR                                |
| goes on, long enough to have words                               | ASK (decode), then WAIT              |
| ended; too short for a word, or decoded to nothing               | NOISE                                |
| ended; only "mm-hm", "okay", "claro" …, or one short other word  | BACKCHANNEL                          |
| ended; other words                                               | CLEAR                                |
| ended; not all words are known yet, but the first is a stop word | CLEAR                                |
| ended; the words do not come in time                             | by its length                        |
| began before the reply's first audio; any words, or 300 ms of it | CLEAR (the reply is withdrawn)       |
"""

from enum import StrEnum

from .settings import TurnSettings
from .turn import Utterance
from .words import Kind, classify, words_of

SHORTEST_LONE_WORD_MS = 220
"""A single unknown word in less voiced audio was made up by the recognizer (coughs give such words)."""
LONGEST_FRAGMENT = 1
LONGEST_MISHEARD_MS = 460
"""A single unknown word in less is a misheard backchannel ("vale" came out as "mual")."""
ASK_AGAIN_MS = 280
"""Further speech after which the words are asked for again."""


class Verdict(StrEnum):
    """What to do about speech over a reply."""

    WAIT = "wait"
    ASK = "ask"
    CLEAR = "clear"
    BACKCHANNEL = "backchannel"
    NOISE = "noise"


def judge(settings: TurnSettings, utterance: Utterance, *, language: str, media_ms: int, now_ms: float) -> Verdict:
    """Judge an open utterance over a live, interruptible reply; `media_ms` is the end of the newest frame."""
    speech_ms = utterance.end_ms - utterance.start_ms
    ended = media_ms - utterance.end_ms >= settings.barge_in_pause_ms
    if settings.barge_in_fixed_ms is not None:
        if speech_ms >= settings.barge_in_fixed_ms:
            return Verdict.CLEAR
        return Verdict.NOISE if ended else Verdict.WAIT
    kind = _kind(utterance, language)
    if ended:
        return _judge_ended(settings, utterance, kind, now_ms)
    return _judge_going_on(settings, utterance, kind, speech_ms)


def _kind(utterance: Utterance, language: str) -> Kind | None:
    """What the words so far are; None while none were decoded."""
    if utterance.text_until_ms < 0:
        return None
    text = utterance.text if utterance.known else _without_fragment(utterance.text)
    return classify(text, language, utterance.voiced_ms)


def _without_fragment(text: str) -> str:
    """A decode in mid-word ends in a letter or two of it: "okay, o"."""
    words = text.split()
    fragment = len(words) > 1 and len(words[-1].strip(",.!?-…")) <= LONGEST_FRAGMENT
    return " ".join(words[:-1]) if fragment else text


def _judge_going_on(settings: TurnSettings, utterance: Utterance, kind: Kind | None, speech_ms: int) -> Verdict:
    if utterance.early and speech_ms >= settings.withdraw_ms:
        return Verdict.CLEAR
    if _is_plain(utterance, kind):
        return Verdict.CLEAR
    patient = kind in (Kind.BACKCHANNEL, Kind.NOTHING)
    if speech_ms >= (settings.barge_in_backchannel_ms if patient else settings.barge_in_sure_ms):
        return Verdict.CLEAR
    asked_ms = utterance.asked_until_ms - utterance.start_ms if utterance.asked_until_ms >= 0 else 0
    due_ms = asked_ms + ASK_AGAIN_MS if asked_ms else settings.barge_in_words_ms
    return Verdict.ASK if speech_ms >= due_ms else Verdict.WAIT


def _is_plain(utterance: Utterance, kind: Kind | None) -> bool:
    """Whether the words so far already show an interruption, whatever follows."""
    return kind is Kind.STOP or (kind is Kind.SPEECH and len(set(words_of(utterance.text))) > 1)


def _judge_ended(settings: TurnSettings, utterance: Utterance, kind: Kind | None, now_ms: float) -> Verdict:
    if utterance.voiced_ms < settings.click_ms:
        return Verdict.NOISE
    if utterance.known:
        return _judge_known(utterance, kind)
    if kind is Kind.STOP:
        return Verdict.CLEAR
    if not utterance.asked:
        return Verdict.ASK
    if now_ms - utterance.asked_at_ms < settings.barge_in_timeout_ms:
        return Verdict.WAIT
    return Verdict.CLEAR if utterance.voiced_ms >= settings.barge_in_length_ms else Verdict.NOISE


def _judge_known(utterance: Utterance, kind: Kind | None) -> Verdict:
    if kind is None or kind is Kind.NOTHING:
        return Verdict.NOISE
    if utterance.early or kind is Kind.STOP:
        return Verdict.CLEAR
    if kind is Kind.BACKCHANNEL:
        return Verdict.BACKCHANNEL
    if len(set(words_of(utterance.text))) > 1 or utterance.voiced_ms >= LONGEST_MISHEARD_MS:
        return Verdict.CLEAR
    return Verdict.NOISE if utterance.voiced_ms < SHORTEST_LONE_WORD_MS else Verdict.BACKCHANNEL
