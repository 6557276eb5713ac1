"""Hysteresis of the VAD, and faint voices."""

import pytest

from voice_engine.core.turns.hearing import VoiceGate
from voice_engine.core.turns.settings import TurnSettings


def fed(pattern: str, gate: VoiceGate | None = None, level: float = -25.0) -> tuple[VoiceGate, list[bool]]:
    gate = gate or VoiceGate(TurnSettings())
    return gate, [gate.hear(mark == "#", level) for mark in pattern]


@pytest.mark.parametrize(
    ("pattern", "onset_ms"),
    [("#", None), ("##", None), (".#.#.", None), ("###", 60), ("#.##", 80), ("#..##", 100), ("##...#", None)],
)
def test_three_voiced_frames_of_five_are_an_onset(pattern: str, onset_ms: int | None) -> None:
    gate, _ = fed(pattern)

    assert gate.onset_ms(strict=False) == onset_ms


@pytest.mark.parametrize(
    ("pattern", "onset_ms"), [("####", None), ("#####", 100), ("##.#.##", 140), ("#.#.#.#", None)]
)
def test_over_the_engines_speech_it_takes_five_of_seven(pattern: str, onset_ms: int | None) -> None:
    gate, _ = fed(pattern)

    assert gate.onset_ms(strict=True) == onset_ms


def test_a_lone_voiced_frame_in_a_pause_is_no_speech() -> None:
    _, speech = fed("#####.....#....")

    assert speech == [False, False, True, True, True] + [False] * 10


def test_two_of_three_voiced_frames_are_a_stir() -> None:
    assert [fed(pattern)[0].stirring for pattern in ("..", ".#.", "#.#", "##.", "##..")] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_a_voice_much_fainter_than_the_caller_is_not_heard() -> None:
    gate = VoiceGate(TurnSettings(), speech_dbfs=-25.0)

    assert fed("#####", gate, level=-49.0)[1][-1]
    assert not fed("#####", gate, level=-51.0)[1][-1]


def test_while_the_engine_speaks_the_gate_is_stricter() -> None:
    gate = VoiceGate(TurnSettings(), speech_dbfs=-25.0)
    gate.set_speaking(speaking=True)

    assert not fed("#####", gate, level=-45.0)[1][-1]
    gate.set_speaking(speaking=False)
    assert fed("#####", gate, level=-45.0)[1][-1]


def test_a_quieter_talker_gets_in_after_a_few_seconds() -> None:
    gate = VoiceGate(TurnSettings(), speech_dbfs=-25.0)

    heard = fed("#" * 500, gate, level=-54.0)[1]

    assert not any(heard[:150])
    assert heard[-1]


def test_nobodys_level_is_known_at_first() -> None:
    assert fed("###", level=-49.0)[1][-1]


def test_the_level_is_learned_slowly() -> None:
    gate = VoiceGate(TurnSettings())
    gate.learn(-20.0)
    gate.learn(-30.0)

    assert gate.speech_dbfs == pytest.approx(-23.0)
