"""Was that an interruption? Judges speech over the engine's reply: react, decide, then clear or resume.

| so far                                                          | verdict                              |
|------------------------------------------------------------------|--------------------------------------|
| goes on, and is longer than any backchannel                      | CLEAR                                |
| goes on; the first word is a stop word, or two different words   | CLEAR                                |
| goes on, long enough to have words                               | ASK (decode), then WAIT              |
| ended; too short for a word, or decoded to nothing               | NOISE                                |
| ended; only "mm-hm", "okay", "claro" …, a short other word, or   | BACKCHANNEL                          |
| a few that the recognizer is not sure of                         |                                      |
| ended; other words                                               | CLEAR                                |
| ended; not all words are known yet, but the first is a stop word | CLEAR                                |
| or there are three of them, and next to nothing is unknown       |                                      |
| ended; the words do not come in time                             | by its length                        |
| began before the reply's first audio; any words, or 300 ms of it | CLEAR (the reply is withdrawn)       |
"""

from enum import StrEnum
from typing import assert_never

from .settings import TurnSettings
from .turn import Utterance
from .words import Kind, classify, is_backchannel, slowest_ms, words_of

SHORTEST_LONE_WORD_MS = 220
"""A single unknown word in less voiced audio was made up by the recognizer (coughs give such words)."""
LONGEST_FRAGMENT = 1
LONGEST_MISHEARD_MS = 460
"""A single unknown word in less is a misheard backchannel ("vale" came out as "mual")."""
SURE_STOP_MS = 300
"""Before that much voice, a stop word may still be a hum ("mhm" came out as "No" half-way)."""
BROKEN_SURE_MS = 640
"""Voice that makes speech with a pause in it an interruption: "sí, claro" has 600 ms, said over one second."""
BROKEN_OTHER_MS = 420
"""The same when the words before the pause begin no backchannel."""
ENDING_MS = 60
"""Silence in which an utterance may be ending: words heard so far do not decide in it, the next ones do."""
OUTLASTED_MS = 400
"""Voice beyond what a backchannel's words can last that shows them to be misheard or followed by others: "ok" was
heard of 600 ms that began "tengo que"."""
NOISE_SURE_MS = 560
"""Voice that makes speech which gave no words an interruption: three coughs have less."""


LONGEST_GUESS_MS = 500
"""Voice in which words that the recognizer is not sure of are a misheard backchannel: "sí, claro" came out as "y
ahí está" with a sureness of 0.06. In mid-speech sureness tells nothing: words cut short have little of it, whatever
they begin."""
LEAST_SENTENCE = 3
"""Different words that no backchannel has."""
MOST_UNKNOWN_MS = 100
"""Shorter than a syllable: another decoding of it all would take longer than it lasts."""


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
    silence_ms = media_ms - utterance.end_ms
    ended = silence_ms >= settings.barge_in_pause_ms
    if settings.barge_in_fixed_ms is not None:
        if speech_ms >= settings.barge_in_fixed_ms:
            return Verdict.CLEAR
        return Verdict.NOISE if ended else Verdict.WAIT
    kind = _kind(utterance, language)
    if ended:
        return _judge_ended(settings, utterance, kind, now_ms)
    verdict = _judge_going_on(settings, utterance, kind, speech_ms)
    if verdict is Verdict.CLEAR and kind is not Kind.STOP and not utterance.early:
        # They may have just ended: the words of all of it, or their next sound, tell.
        verdict = Verdict.WAIT if silence_ms >= ENDING_MS else verdict
    return verdict


def _kind(utterance: Utterance, language: str) -> Kind | None:
    """What the words so far are; None while none were decoded."""
    if utterance.text_until_ms < 0:
        return None
    text = utterance.text if utterance.known else _without_fragment(utterance.text, language)
    return classify(text, language, utterance.voiced_ms)


def _without_fragment(text: str, language: str) -> str:
    """A decode in mid-word ends in a letter of it, "okay, o", or a guess at it: "ah, voy" for "ah, bueno"."""
    *first, last = text.split() or [""]
    begun = " ".join(first)
    fragment = first and (len(last.strip(",.!?-…")) <= LONGEST_FRAGMENT or is_backchannel(begun, language))
    return begun if fragment else text


def _judge_going_on(settings: TurnSettings, utterance: Utterance, kind: Kind | None, speech_ms: int) -> Verdict:
    if utterance.early and speech_ms >= settings.withdraw_ms:
        return Verdict.CLEAR
    if _is_plain(settings, utterance, kind, speech_ms) or _is_long(settings, utterance, kind, speech_ms):
        return Verdict.CLEAR
    asked_ms = utterance.asked_until_ms - utterance.start_ms if utterance.asked_until_ms >= 0 else 0
    due_ms = asked_ms + settings.barge_in_again_ms if asked_ms else settings.barge_in_words_ms
    return Verdict.ASK if speech_ms >= due_ms else Verdict.WAIT


def _is_long(settings: TurnSettings, utterance: Utterance, kind: Kind | None, speech_ms: int) -> bool:
    """Whether it has gone on for longer than what it may still be."""
    match kind:
        case Kind.BACKCHANNEL if utterance.broken or not _outlasted(utterance):
            return speech_ms >= settings.barge_in_backchannel_ms
        case Kind.NOTHING:
            return speech_ms >= settings.barge_in_sure_ms and utterance.voiced_ms >= NOISE_SURE_MS
        case Kind.SPEECH | Kind.STOP:
            if utterance.broken:
                return utterance.voiced_ms >= BROKEN_OTHER_MS
            least_ms = settings.barge_in_other_ms
        case Kind.BACKCHANNEL | Kind.OPENING | None:
            least_ms = settings.barge_in_sure_ms
        case _:
            assert_never(kind)
    return speech_ms >= least_ms and (not utterance.broken or utterance.voiced_ms >= BROKEN_SURE_MS)


def _outlasted(utterance: Utterance) -> bool:
    """Whether there is more voice than the words so far can last."""
    return utterance.voiced_ms - slowest_ms(utterance.text) >= OUTLASTED_MS


def _is_plain(settings: TurnSettings, utterance: Utterance, kind: Kind | None, speech_ms: int) -> bool:
    """Whether the words so far already show an interruption, whatever follows."""
    several = kind is Kind.SPEECH and len(set(words_of(utterance.text))) > 1
    return kind is Kind.STOP or (several and speech_ms >= settings.barge_in_several_ms)


def _judge_ended(settings: TurnSettings, utterance: Utterance, kind: Kind | None, now_ms: float) -> Verdict:
    if utterance.voiced_ms < settings.click_ms:
        return Verdict.NOISE
    if utterance.known:
        return _judge_known(settings, utterance, kind)
    if kind is Kind.STOP and utterance.voiced_ms >= SURE_STOP_MS:
        return Verdict.CLEAR
    if kind is Kind.SPEECH and _is_sentence(utterance):
        return Verdict.CLEAR
    if not utterance.asked:
        return Verdict.ASK
    if now_ms - utterance.asked_at_ms < settings.barge_in_timeout_ms:
        return Verdict.WAIT
    return Verdict.CLEAR if utterance.voiced_ms >= settings.barge_in_length_ms else Verdict.NOISE


def _is_sentence(utterance: Utterance) -> bool:
    """Whether three words or more are known of it, and what is not yet known is too short to change them."""
    unknown_ms = utterance.end_ms - utterance.text_until_ms
    return unknown_ms <= MOST_UNKNOWN_MS and len(set(words_of(utterance.text))) >= LEAST_SENTENCE


def _is_guess(settings: TurnSettings, utterance: Utterance) -> bool:
    """Whether it is short and its words are made up: whoever wants the floor goes on."""
    sureness = utterance.sureness
    guessed = sureness is not None and sureness < settings.doubted_sureness
    return guessed and utterance.voiced_ms < LONGEST_GUESS_MS


def _judge_known(settings: TurnSettings, utterance: Utterance, kind: Kind | None) -> Verdict:
    if kind is None or kind is Kind.NOTHING:
        return Verdict.NOISE
    if utterance.early or kind is Kind.STOP:
        return Verdict.CLEAR
    if kind is Kind.BACKCHANNEL:
        return Verdict.BACKCHANNEL
    if _is_guess(settings, utterance):
        return Verdict.BACKCHANNEL
    if len(set(words_of(utterance.text))) > 1 or utterance.voiced_ms >= LONGEST_MISHEARD_MS:
        return Verdict.CLEAR
    return Verdict.NOISE if utterance.voiced_ms < SHORTEST_LONE_WORD_MS else Verdict.BACKCHANNEL
