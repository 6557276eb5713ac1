"""Judging speech over a reply."""

import pytest

from voice_engine.core.turns.interruption import Verdict, judge
from voice_engine.core.turns.settings import TurnSettings
from voice_engine.core.turns.turn import Utterance

SETTINGS = TurnSettings()


def verdict(
    speech_ms: int,
    text: str | None = None,
    *,
    silence_ms: int = 0,
    known: bool = True,
    asked_ms: int | None = None,
    early: bool = False,
    now_ms: float = 0.0,
    settings: TurnSettings = SETTINGS,
    language: str = "en",
    voiced_ms: int | None = None,
    broken: bool = False,
    sureness: float | None = None,
) -> Verdict:
    """Judge `speech_ms` of speech that began at 1000 ms, then `silence_ms` of silence."""
    utterance = Utterance(
        id=1,
        start_ms=1000,
        end_ms=1000 + speech_ms,
        voiced_ms=speech_ms if voiced_ms is None else voiced_ms,
        early=early,
        broken=broken,
        sureness=sureness,
    )
    if text is not None:
        utterance.text = text
        utterance.text_until_ms = utterance.end_ms if known else utterance.end_ms - 40
    if asked_ms is not None:
        utterance.asked_until_ms = 1000 + asked_ms
    return judge(settings, utterance, language=language, media_ms=utterance.end_ms + silence_ms, now_ms=now_ms)


def test_the_first_words_are_asked_for_once_there_can_be_some() -> None:
    assert verdict(300) is Verdict.WAIT
    assert verdict(320) is Verdict.ASK
    assert verdict(460, asked_ms=320) is Verdict.WAIT
    assert verdict(480, asked_ms=320) is Verdict.ASK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wait", Verdict.CLEAR),
        ("half past", Verdict.CLEAR),
        ("half", Verdict.WAIT),
        ("yeah", Verdict.WAIT),
        ("sour, sour", Verdict.WAIT),
        ("okay, o", Verdict.WAIT),
        ("", Verdict.WAIT),
    ],
)
def test_words_in_mid_speech_decide_when_they_are_clear(text: str, expected: Verdict) -> None:
    assert verdict(520, text, known=False, asked_ms=500) is expected


def test_several_words_of_little_speech_may_be_made_up() -> None:
    """ "Sure" came out as "so I'm sorry" of 320 ms."""
    assert verdict(360, "so I'm sorry", known=False, asked_ms=320) is Verdict.WAIT
    assert verdict(500, "so I'm sorry", known=False, asked_ms=480) is Verdict.CLEAR


def test_words_that_begin_a_backchannel_are_waited_for_longer() -> None:
    spanish = SETTINGS.for_language("es")

    assert verdict(680, "caballo", asked_ms=640, settings=spanish, language="es") is Verdict.CLEAR
    assert verdict(740, "en", asked_ms=640, settings=spanish, language="es") is Verdict.WAIT
    assert verdict(760, "en", asked_ms=640, settings=spanish, language="es") is Verdict.CLEAR


def test_speech_with_a_pause_in_it_is_long_by_its_voice() -> None:
    """ "Sí … claro" spans a second and has 600 ms of voice."""
    assert verdict(900, asked_ms=800, voiced_ms=600, broken=True) is Verdict.WAIT
    assert verdict(900, asked_ms=800, voiced_ms=640, broken=True) is Verdict.CLEAR
    assert verdict(900, asked_ms=800, voiced_ms=600, broken=False) is Verdict.CLEAR


def test_a_stop_word_clears_before_the_rest_is_known_unless_it_may_be_a_hum() -> None:
    assert verdict(400, "wait", known=False, silence_ms=160) is Verdict.CLEAR
    assert verdict(260, "no", known=False, silence_ms=160) is Verdict.ASK


def test_speech_longer_than_a_backchannel_is_an_interruption_without_words() -> None:
    assert verdict(680, asked_ms=600) is Verdict.WAIT
    assert verdict(700, asked_ms=600) is Verdict.CLEAR


def test_a_backchannel_may_take_longer() -> None:
    assert verdict(900, "yeah yeah", known=False, asked_ms=800) is Verdict.WAIT
    assert verdict(1300, "yeah yeah", known=False, asked_ms=1200) is Verdict.CLEAR


def test_speech_without_words_takes_as_much_voice_as_no_cough_has() -> None:
    assert verdict(900, "", known=False, asked_ms=800, voiced_ms=540) is Verdict.WAIT
    assert verdict(900, "", known=False, asked_ms=800, voiced_ms=560) is Verdict.CLEAR


def test_words_do_not_decide_while_the_utterance_may_be_ending() -> None:
    """ "Entiendo" was heard as "en tienda" up to its last syllable, and in full when it had ended."""
    assert verdict(520, "half past", known=False, asked_ms=500, silence_ms=40) is Verdict.CLEAR
    assert verdict(520, "half past", known=False, asked_ms=500, silence_ms=60) is Verdict.WAIT
    assert verdict(520, "wait", known=False, asked_ms=500, silence_ms=60) is Verdict.CLEAR


def test_a_backchannel_that_the_speech_outlasts_was_misheard() -> None:
    """ "Tengo que" was heard as "ok"; a hum may be long."""
    spanish = SETTINGS.for_language("es")

    def heard(text: str, speech_ms: int, *, broken: bool = False) -> Verdict:
        return verdict(speech_ms, text, known=False, asked_ms=740, settings=spanish, language="es", broken=broken)

    assert heard("ok", 760) is Verdict.CLEAR
    assert heard("ok", 740) is Verdict.WAIT
    assert heard("mmm", 760) is Verdict.WAIT
    assert heard("de acuerdo", 760) is Verdict.WAIT
    assert heard("ok", 760, broken=True) is Verdict.WAIT


def test_other_words_before_a_pause_need_less_voice_after_it() -> None:
    assert verdict(700, "half", known=False, asked_ms=680, voiced_ms=420, broken=True) is Verdict.CLEAR
    assert verdict(700, "half", known=False, asked_ms=680, voiced_ms=400, broken=True) is Verdict.WAIT


def test_a_click_is_noise_without_asking() -> None:
    assert verdict(60, silence_ms=160) is Verdict.NOISE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Verdict.NOISE),
        ("you", Verdict.NOISE),
        ("mm-hm", Verdict.BACKCHANNEL),
        ("no", Verdict.CLEAR),
        ("nine", Verdict.BACKCHANNEL),
        ("at nine", Verdict.CLEAR),
    ],
)
def test_a_finished_utterance_is_judged_by_its_words(text: str, expected: Verdict) -> None:
    assert verdict(300, text, silence_ms=160) is expected


def test_a_lone_word_in_a_cough_was_made_up() -> None:
    assert verdict(200, "nine", silence_ms=160) is Verdict.NOISE
    assert verdict(480, "nine", silence_ms=160) is Verdict.CLEAR


def test_a_finished_utterance_is_decoded_once_more_to_its_end() -> None:
    assert verdict(300, silence_ms=160) is Verdict.ASK
    assert verdict(300, silence_ms=180, asked_ms=460, now_ms=1199.0) is Verdict.WAIT


def test_a_sentence_whose_last_sound_is_not_decoded_yet_is_not_decoded_again() -> None:
    """Another decoding takes a quarter of a second, and could not make a backchannel of three words."""
    assert verdict(340, "y eso otro", silence_ms=160, known=False, language="es") is Verdict.CLEAR
    assert verdict(340, "eso eso eso", silence_ms=160, known=False, language="es") is Verdict.ASK
    assert verdict(340, "claro que sí", silence_ms=160, known=False, language="es") is Verdict.ASK


def test_a_few_words_that_were_guessed_are_a_misheard_backchannel() -> None:
    """ "Sí, claro" came out as "y ahí está"; who wants the floor goes on."""
    assert verdict(300, "y ahí está", silence_ms=160, sureness=0.1) is Verdict.BACKCHANNEL
    assert verdict(300, "y ahí está", silence_ms=160, sureness=0.8) is Verdict.CLEAR
    assert verdict(520, "y ahí está", silence_ms=160, sureness=0.1) is Verdict.CLEAR
    assert verdict(300, "wait", silence_ms=160, sureness=0.1) is Verdict.CLEAR


def test_when_the_words_do_not_come_its_length_decides() -> None:
    assert verdict(300, silence_ms=180, asked_ms=460, now_ms=1200.0) is Verdict.NOISE
    assert verdict(420, silence_ms=180, asked_ms=580, now_ms=1200.0) is Verdict.CLEAR


def test_before_the_first_audio_a_little_speech_withdraws_the_reply() -> None:
    assert verdict(280, early=True) is Verdict.WAIT
    assert verdict(300, early=True) is Verdict.CLEAR


def test_before_the_first_audio_a_backchannel_is_part_of_the_turn() -> None:
    assert verdict(200, "okay", silence_ms=160, early=True) is Verdict.CLEAR
    assert verdict(200, "", silence_ms=160, early=True) is Verdict.NOISE


def test_fixed_barge_in_counts_speech_only() -> None:
    fixed = TurnSettings(barge_in_fixed_ms=200)

    assert verdict(180, "wait", settings=fixed) is Verdict.WAIT
    assert verdict(200, "mm-hm", settings=fixed) is Verdict.CLEAR
    assert verdict(180, silence_ms=160, settings=fixed) is Verdict.NOISE
