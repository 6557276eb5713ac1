"""The engine's voice coming back is echo at any delay and strength; a caller talking over it is not."""

from functools import cache

import numpy as np
import pytest

from tests.audio.speech import frames, silence, utterances
from voice_engine.audio.echo import EchoGuard
from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, PCM
from voice_engine.audio.mixing import at_level, codec_pass, delayed, line_noise, mix, to_pcm, white_noise
from voice_engine.audio.vad import GatedVAD

AHEAD_FRAMES = 10
"""How far ahead of playback audio is handed over: 200 ms."""

SHORT_PATH = np.array([0.15, 0.8, 0.35, -0.2, 0.1, -0.05])
LONG_PATH = np.random.default_rng(3).normal(size=64) * np.exp(-np.arange(64) / 12)


@cache
def engine_speech() -> PCM:
    return codec_pass(at_level(np.concatenate(utterances("en")[:3]), -18.0))


def echo(sent: PCM, *, delay_ms: float, loss_db: float, path: np.ndarray = SHORT_PATH) -> PCM:
    """What a hybrid sends back."""
    filtered = np.convolve(sent.astype(np.float64), path / np.sqrt(np.sum(path**2)))[: sent.size]
    return delayed(to_pcm(filtered * 10 ** (-loss_db / 20)), delay_ms)


def spoken_frames(sent: PCM, inbound: PCM, *, guard: EchoGuard | None = None, start_ms: int = 0) -> list[bool]:
    """Which inbound frames count as somebody's speech, with the guard in front."""
    guard, vad = guard or EchoGuard(), GatedVAD()
    ahead = AHEAD_FRAMES * FRAME_SAMPLES
    guard.sent(start_ms, sent[:ahead].tobytes())
    verdicts = []
    for index, frame in enumerate(frames(inbound)):
        media_ms = start_ms + index * FRAME_MS
        coming = sent[ahead + index * FRAME_SAMPLES :][:FRAME_SAMPLES]
        guard.sent(media_ms + AHEAD_FRAMES * FRAME_MS, coming.tobytes())
        voiced, level_dbfs = vad.step(frame)
        verdicts.append(voiced and not guard.is_echo(media_ms, frame.tobytes(), level_dbfs))
    return verdicts


def longest_run(verdicts: list[bool]) -> int:
    longest = run = 0
    for verdict in verdicts:
        run = run + 1 if verdict else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize("path", [SHORT_PATH, LONG_PATH], ids=["short path", "dispersive path"])
@pytest.mark.parametrize("loss_db", [6.0, 13.0, 20.0])
@pytest.mark.parametrize("delay_ms", [50.0, 123.0, 400.0])
def test_the_engines_own_voice_is_echo(delay_ms: float, loss_db: float, path: np.ndarray) -> None:
    """Never 100 ms of it in a row: less than any turn-taking would react to."""
    sent = engine_speech()
    back = echo(sent, delay_ms=delay_ms, loss_db=loss_db, path=path)
    guard = EchoGuard()

    verdicts = spoken_frames(
        sent, codec_pass(mix(back, line_noise(back.size, -62.0, seed=int(delay_ms)))), guard=guard
    )

    assert longest_run(verdicts) <= 4
    assert sum(verdicts) <= 0.02 * len(verdicts)
    assert guard.delay_ms == pytest.approx(delay_ms, abs=4.0)


def test_echo_in_line_noise_is_echo() -> None:
    sent = np.concatenate([silence(3000), engine_speech()])
    back = echo(sent, delay_ms=150.0, loss_db=10.0)

    verdicts = spoken_frames(sent, codec_pass(mix(back, line_noise(back.size, -45.0, seed=1))))

    assert longest_run(verdicts[125:]) <= 4


@pytest.mark.parametrize(
    ("loss_db", "caller_dbfs", "least"),
    [(6.0, -18.0, 0.9), (14.0, -24.0, 0.9), (20.0, -32.0, 0.85)],
    ids=["loud echo, loud caller", "usual", "weak echo, quiet caller"],
)
def test_a_caller_over_the_echo_is_heard(loss_db: float, caller_dbfs: float, least: float) -> None:
    sent = engine_speech()
    caller = _talking_at(2000, sent.size, caller_dbfs)
    inbound = mix(caller, echo(sent, delay_ms=120.0, loss_db=loss_db), line_noise(sent.size, -62.0, seed=2))
    alone = [GatedVAD().step(frame)[0] for frame in frames(caller)]

    verdicts = spoken_frames(sent, codec_pass(inbound))

    heard = [verdict for verdict, voiced in zip(verdicts, alone, strict=True) if voiced]
    assert sum(heard) >= least * len(heard)


def test_a_caller_10_db_below_the_loudest_echo_gets_through_within_a_second() -> None:
    sent = engine_speech()
    caller = _talking_at(2000, sent.size, -34.0)

    verdicts = spoken_frames(sent, codec_pass(mix(caller, echo(sent, delay_ms=120.0, loss_db=6.0))))

    assert longest_run(verdicts[100:160]) >= 4


@pytest.mark.parametrize("caller_dbfs", [-18.0, -28.0, -36.0])
def test_on_a_line_without_echo_a_caller_is_heard_at_once(caller_dbfs: float) -> None:
    """The engine was loud for two seconds and nothing came back: there is nothing to doubt."""
    sent = engine_speech()
    caller = _talking_at(2600, sent.size, caller_dbfs)
    alone = [GatedVAD().step(frame)[0] for frame in frames(caller)]

    verdicts = spoken_frames(sent, codec_pass(mix(caller, line_noise(sent.size, -62.0, seed=3))))

    onset = alone.index(True)
    assert sum(verdicts[onset : onset + 10]) >= 0.8 * sum(alone[onset : onset + 10])


def test_on_an_unknown_line_doubt_ends_within_200_ms() -> None:
    sent = engine_speech()
    caller = at_level(utterances("es")[2], -28.0)[: sent.size]
    inbound = mix(delayed(caller, 200), line_noise(caller.size, -62.0, seed=4))

    verdicts = spoken_frames(sent, codec_pass(inbound))

    alone = [GatedVAD().step(frame)[0] for frame in frames(codec_pass(inbound))]
    assert verdicts.index(True) - alone.index(True) <= 10


def test_speech_is_no_echo_while_nothing_plays() -> None:
    guard = EchoGuard()
    guard.sent(0, engine_speech()[:8000].tobytes())

    voice = at_level(utterances("es")[0], -30.0)
    verdicts = [guard.is_echo(5000 + i * 20, frame.tobytes(), -30.0) for i, frame in enumerate(frames(voice))]

    assert not any(verdicts)


def test_cleared_audio_cannot_echo() -> None:
    guard = EchoGuard()
    guard.sent(0, engine_speech()[:16_000].tobytes())
    guard.cleared(0)

    assert not guard.is_echo(300, engine_speech()[:160].tobytes(), -30.0)


def test_louder_than_any_echo_is_speech() -> None:
    guard = EchoGuard()
    guard.sent(0, engine_speech()[:16_000].tobytes())

    assert not guard.is_echo(400, at_level(engine_speech()[1600:1760], -6.0).tobytes(), -6.0)


def test_a_long_call_is_followed_from_any_media_time() -> None:
    """The memory of what was sent is finite and moves along."""
    sent = engine_speech()
    back = codec_pass(echo(sent, delay_ms=90.0, loss_db=10.0))
    guard = EchoGuard()

    for start_ms in (0, 30_000, 900_000):
        assert longest_run(spoken_frames(sent, back, guard=guard, start_ms=start_ms)) <= 4
    guard.sent(10, sent[:1600].tobytes())  # far too old to matter


def test_a_wavering_estimate_of_playback_time_does_not_hide_the_echo() -> None:
    """Each 100 ms chunk is told with an error of up to 8 ms, as a loop's clock against media time has it."""
    sent, chance = engine_speech(), np.random.default_rng(6)
    back = codec_pass(echo(sent, delay_ms=120.0, loss_db=10.0))
    guard, vad, speech = EchoGuard(), GatedVAD(), []

    for index, frame in enumerate(frames(back)):
        if index % 5 == 0:
            error_ms = int(chance.integers(-8, 9)) if index else 0
            guard.sent(index * 20 + error_ms, sent[index * 160 : index * 160 + 800].tobytes())
        voiced, level_dbfs = vad.step(frame)
        speech.append(voiced and not guard.is_echo(index * 20, frame.tobytes(), level_dbfs))

    assert longest_run(speech) <= 4


def test_an_estimate_that_moves_in_mid_speech_leaves_no_seam() -> None:
    """The round trip of the marks moved it by 15 ms and more; the carrier played on without a gap."""
    sent = engine_speech()
    back = codec_pass(echo(sent, delay_ms=120.0, loss_db=10.0))
    guard, vad, speech = EchoGuard(), GatedVAD(), []

    for index, frame in enumerate(frames(back)):
        if index % 5 == 0:
            moved_ms = (0, 15, 30, 10)[index // 50 % 4]
            guard.sent(index * 20 + moved_ms, sent[index * 160 : index * 160 + 800].tobytes())
        voiced, level_dbfs = vad.step(frame)
        speech.append(voiced and not guard.is_echo(index * 20, frame.tobytes(), level_dbfs))

    assert longest_run(speech) <= 4


def test_a_changed_delay_is_found_again() -> None:
    """A transfer or a re-route moves the echo."""
    sent = engine_speech()
    guard = EchoGuard()
    spoken_frames(sent, codec_pass(echo(sent, delay_ms=60.0, loss_db=8.0)), guard=guard)

    verdicts = spoken_frames(
        sent, codec_pass(echo(sent, delay_ms=240.0, loss_db=8.0)), guard=guard, start_ms=20_000
    )

    assert guard.delay_ms == pytest.approx(240.0, abs=4.0)
    assert longest_run(verdicts) <= 6


def test_audio_of_an_odd_length_can_be_sent() -> None:
    guard = EchoGuard()

    guard.sent(0, engine_speech()[:1601].tobytes())
    guard.sent(200, engine_speech()[1601:1602].tobytes())

    assert not guard.is_echo(5000, engine_speech()[:160].tobytes(), -30.0)


@pytest.mark.parametrize("size", [0, 2, 318, 322, 960])
def test_a_frame_of_another_length_does_no_harm(size: int) -> None:
    guard = EchoGuard()
    guard.sent(0, engine_speech()[:8000].tobytes())

    for media_ms in range(0, 400, 20):
        guard.is_echo(media_ms, white_noise(480, -30.0, seed=5).tobytes()[:size], -30.0)


def _talking_at(start_ms: int, samples: int, level_dbfs: float) -> PCM:
    """Silence, then a caller, then silence again, to the length of `samples`."""
    voice = np.concatenate([silence(start_ms), at_level(utterances("es")[0], level_dbfs)])
    return np.concatenate([voice, silence(60_000)])[:samples]
