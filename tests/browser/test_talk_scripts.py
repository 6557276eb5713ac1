"""The pure scripts of the talk page, in node: codec, filter, jitter buffer with its marks, captions."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from voice_engine.audio import mulaw

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "voice_engine" / "web" / "dashboard" / "static" / "talk"
RUNNER = Path(__file__).parent / "scripts" / "talk.mjs"
NODE = shutil.which("node")
RATES = (44_100, 48_000, 96_000, 22_050)
LOUD = 0x80
"""The loudest byte above zero."""

pytestmark = pytest.mark.skipif(NODE is None, reason="needs node")


def run(name: str, **job: Any) -> Any:
    """One job of scripts/talk.mjs."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, str(RUNNER), SCRIPTS.as_uri()],
        input=json.dumps({"run": name, **job}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# The codec.


def test_the_codec_is_the_engines_to_the_bit() -> None:
    every = np.arange(-32_768, 32_768, dtype=np.int16)
    bytes_ = bytes(range(256))

    codec = run("codec")

    assert bytes(codec["encoded"]) == mulaw.encode_pcm(every)
    assert bytes(codec["fromFloat"]) == mulaw.encode_pcm(every)
    assert codec["decoded"] == mulaw.decode_pcm(bytes_).tolist() == codec["linear"]
    assert bytes(codec["beyond"]) == mulaw.encode_pcm(np.array([32_767, -32_768], np.int16))


# The filter.


def tone(frequency: float, rate: int, seconds: float = 0.25) -> NDArray[np.float64]:
    """A sine of full scale."""
    return np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)


def gain_db(frequency: float, from_hz: int, to_hz: int) -> float:
    """What the filter does to a tone, its edges aside."""
    made = run("resample", signal=tone(frequency, from_hz).tolist(), block=128, **{"from": from_hz, "to": to_hz})
    steady = np.array(made["made"])[200:-200]
    return float(20 * np.log10(np.sqrt(2 * np.mean(steady**2)) + 1e-12))


@pytest.mark.parametrize("rate", RATES)
def test_speech_passes_and_nothing_above_the_band_folds_into_it(rate: int) -> None:
    passed = [gain_db(frequency, rate, 8000) for frequency in (200, 1000, 2000, 3000, 3200)]
    stopped = [gain_db(frequency, rate, 8000) for frequency in (4800, 5500, 7000, 10_000) if frequency < rate / 2]

    assert max(map(abs, passed)) < 0.1, passed
    assert max(stopped) < -60, stopped


@pytest.mark.parametrize("rate", RATES)
def test_what_is_heard_has_no_images_of_speech_above_the_band(rate: int) -> None:
    signal = tone(3000, 8000).tolist()
    made = np.array(run("resample", signal=signal, block=40, **{"from": 8000, "to": rate})["made"])[500:-500]

    power = np.abs(np.fft.rfft(made * np.blackman(len(made)))) ** 2
    frequencies = np.fft.rfftfreq(len(made), 1 / rate)
    image = power[frequencies > 4400].max(initial=0.0)

    assert abs(np.sqrt(2 * np.mean(made**2)) - 1) < 0.01
    assert 10 * np.log10(image / power.max()) < -60


def test_blocks_join_without_a_seam() -> None:
    """44.1 kHz: no block holds a whole number of output samples."""
    signal = (0.5 * tone(440, 44_100) + 0.3 * tone(1234, 44_100)).tolist()

    whole = run("resample", signal=signal, block=len(signal), **{"from": 44_100, "to": 8000})
    parts = run("resample", signal=signal, block=128, **{"from": 44_100, "to": 8000})

    assert parts["made"] == whole["made"]
    assert abs(len(whole["made"]) - len(signal) * 8000 / 44_100) < 2
    assert whole["delay"] < 8000 * 0.003, "the filter costs less than 3 ms"


def test_pulling_takes_as_much_as_it_gives() -> None:
    pulled = run("pull", signal=tone(500, 8000).tolist(), block=128, blocks=80, **{"from": 8000, "to": 44_100})

    assert abs(pulled["taken"] - 80 * 128 * 8000 / 44_100) < 2
    assert np.abs(pulled["made"][500:]).max() == pytest.approx(1, abs=0.02)


# The microphone's frames.


def test_a_second_of_microphone_is_fifty_frames_and_sounds_as_it_was() -> None:
    signal = 0.5 * tone(1000, 48_000, 1.024)

    frames = run("frame", rate=48_000, signal=signal.tolist(), mutedFrom=None)["frames"]

    assert [len(frame) for frame in frames] == [160] * 51
    heard = mulaw.decode_pcm(bytes(frames[20])) / 32_768
    assert np.sqrt(2 * np.mean(heard**2)) == pytest.approx(0.5, rel=0.03)


def test_while_muted_frames_still_come_and_are_silence() -> None:
    """A line on which nothing comes is a line that dropped."""
    frames = run("frame", rate=48_000, signal=tone(1000, 48_000, 0.2).tolist(), mutedFrom=128 * 30)["frames"]

    assert set(frames[1]) != {mulaw.SILENCE}
    assert all(set(frame) == {mulaw.SILENCE} for frame in frames[5:])


# The jitter buffer.


def play(*steps: object, rate: int = 48_000) -> Any:
    """What came of it; `happened` is [mark, ms]."""
    return run("play", rate=rate, steps=steps)


def test_a_mark_is_answered_when_its_audio_was_heard() -> None:
    done = play(["media", 800], ["mark", "half"], ["media", 800], ["mark", "end"], ["render", 300])

    (half, half_ms), (end, end_ms) = done["happened"]
    assert (half, end) == ("half", "end")
    assert half_ms == pytest.approx(100, abs=8)
    assert end_ms - half_ms == pytest.approx(100, abs=4)


def test_a_mark_waits_for_the_device_too() -> None:
    near = play(["media", 800], ["mark", "a"], ["render", 400])["happened"][0][1]
    far = play(["latency", 0.15], ["media", 800], ["mark", "a"], ["render", 400])["happened"][0][1]

    assert far - near == pytest.approx(150, abs=4)


def test_a_mark_behind_nothing_is_answered_at_once() -> None:
    assert play(["mark", "a"], ["render", 20])["happened"][0][1] < 8


def test_clear_drops_what_waits_and_answers_all_marks_at_once_in_order() -> None:
    done = play(
        ["media", 1600], ["mark", "a"], ["media", 1600], ["mark", "b"], ["render", 60], ["clear"], ["render", 300]
    )

    assert [name for name, _ in done["happened"]] == ["a", "b"]
    assert [at_ms for _, at_ms in done["happened"]] == [pytest.approx(61, abs=3)] * 2
    heard = np.abs(done["heard"])
    assert heard[int(0.02 * 48_000) : int(0.055 * 48_000)].min() > 0.5
    assert heard[int(0.075 * 48_000) :].max() < 1e-3
    assert (done["queued"], done["playing"]) == (0, False)


def test_after_clear_new_audio_plays_and_its_marks_are_its_own() -> None:
    done = play(
        ["media", 1600],
        ["mark", "old"],
        ["render", 30],
        ["clear"],
        ["media", 800],
        ["mark", "new"],
        ["render", 250],
    )

    assert [name for name, _ in done["happened"]] == ["old", "new"]
    assert done["happened"][1][1] == pytest.approx(130, abs=10)


def test_what_is_cut_does_not_click() -> None:
    """The end is a slope of milliseconds: a step would be heard as a click."""
    done = play(["media", 1600], ["render", 60], ["clear"], ["render", 100])

    falls = np.abs(np.diff(done["heard"]))[int(0.05 * 48_000) :]
    assert falls.max() < 0.1


def test_a_short_end_is_played_though_nothing_follows() -> None:
    """Less than the buffer likes to begin with: it begins after as long as that would have taken."""
    done = play(["media", 80], ["mark", "a"], ["render", 200])

    assert [name for name, _ in done["happened"]] == ["a"]
    assert done["happened"][0][1] < 60


def test_running_dry_is_silence_and_makes_the_next_wait_longer() -> None:
    """40 ms of audio every 90 ms: after two gaps the buffer waits long enough for what comes next."""
    late = [["media", 320], ["render", 90]] * 4
    done = play(*late, ["render", 300])

    assert done["underruns"] == 2
    assert np.abs(done["heard"][-1000:]).max() < 1e-3
    assert play(["media", 320], ["render", 600], ["media", 320], ["render", 100])["underruns"] == 0


def test_the_buffer_is_bounded() -> None:
    done = play(["media", 8000 * 40], ["mark", "a"])

    assert done["queued"] == 8000 * 30


def test_a_relayed_voice_is_not_late_for_good_after_the_network_stood_still() -> None:
    """A second without frames, all of it at once, then one frame each 20 ms: the queue would never run dry."""
    stall = [["media", 160], ["render", 1000], *[["media", 160]] * 50]
    goes_on: list[object] = [["media", 160], ["render", 20]] * 20

    relayed = play(["relayed"], *stall, *goes_on, ["mark", "now"], ["render", 500])
    engines = play(*stall, *goes_on, ["mark", "now"], ["render", 1500])

    def late_ms(done: Any) -> float:
        return float(done["happened"][0][1]) - 1400

    assert late_ms(relayed) < 270
    assert late_ms(engines) > 900, "the engine's words are all heard"


# What captions show.


def talk(*steps: object) -> Any:
    """A conversation told step by step."""
    return run("talk", steps=steps)


def event(type: str, **facts: object) -> list[object]:
    """A step."""
    return ["event", type, facts]


def test_interim_words_become_the_turn() -> None:
    told = [
        event("speech.started"),
        event("transcript.interim", text="I would"),
        event("transcript.interim", text="I would like"),
    ]

    (line,) = talk(*told)["lines"]
    assert (line["who"], line["state"], line["text"]) == ("you", "interim", "I would like")
    (line,) = talk(*told, event("turn.human", turn=1, text="I would like a table."))["lines"]
    assert (line["state"], line["text"]) == ("done", "I would like a table.")


def test_a_turn_of_two_utterances_is_one_line() -> None:
    done = talk(
        event("speech.started"),
        event("transcript.interim", text="On Friday,"),
        event("speech.started"),
        event("transcript.interim", text="at eight."),
    )

    assert [line["text"] for line in done["lines"]] == ["On Friday, at eight."]


def test_words_made_of_a_noise_go() -> None:
    done = talk(
        event("speech.started"),
        event("transcript.interim", text="uh"),
        event("speech.ended", speech=[], kept=False),
    )

    assert (done["lines"], done["floor"]) == ([], "open")


def test_the_engines_words_are_spoken_as_they_are_played() -> None:
    text = "Good evening. How can I help you today?"
    begun = [event("reply.clause", reply=1, text=text), event("reply.started", reply=1, latency_ms=None)]

    def spoken(seconds: float) -> str:
        played = {"playing": True, "played": int(seconds * 8000)}
        (line,) = talk(*begun, ["played", {"playing": True, "played": 0}], ["played", played])["lines"]
        return str(line["text"][: line["spoken"]])

    assert text.startswith(spoken(1.0))
    assert len("Good") <= len(spoken(1.0)) < len(spoken(2.0)) < len(text)
    assert not spoken(1.0).endswith(" ")
    assert text[len(spoken(1.0))] == " ", "whole words"
    assert spoken(9.0) == text


def test_a_reply_begins_where_the_one_before_ended() -> None:
    """Positions count over the whole line; marks tell which part is whose."""
    done = talk(
        event("reply.clause", reply=1, text="Hello."),
        ["marked", "e1:0", 80_000],
        event("turn.ai", reply=1, text="Hello.", heard="Hello.", interrupted=False, start_ms=0, end_ms=900),
        event("reply.clause", reply=2, text="One two three four five six seven."),
        ["played", {"playing": True, "played": 80_000}],
    )

    assert done["lines"][1]["spoken"] == 0


def test_after_a_barge_in_what_was_not_heard_stands_apart() -> None:
    done = talk(
        event("reply.clause", reply=1, text="We are open from nine to five."),
        event("speech.started"),
        event("reply.held", reply=1),
        event("barge_in", reply=1),
        event(
            "turn.ai",
            reply=1,
            text="We are open from nine to five.",
            heard="We are open",
            interrupted=True,
            start_ms=0,
            end_ms=900,
        ),
    )

    (line,) = done["lines"]
    assert (line["text"][: line["spoken"]], line["bargedIn"], line["interrupted"]) == ("We are open", True, True)
    assert (done["bargeIns"], done["floor"]) == (1, "you")


def test_an_answer_that_came_too_early_is_taken_back_with_its_turn() -> None:
    done = talk(
        event("speech.started"),
        event("turn.human", turn=0, text="Good evening."),
        event("reply.clause", reply=1, text="Hello!"),
        event("speech.started"),
        event("reply.withdrawn", reply=1),
        event("transcript.interim", text="How can I help?"),
    )

    (line,) = done["lines"]
    assert (line["text"], line["state"]) == ("Good evening. How can I help?", "interim")


def test_the_floor_goes_round() -> None:
    steps: list[object] = []
    seen = []
    for step in (
        event("speech.started"),
        event("turn.human", turn=0, text="Hi."),
        ["played", {"playing": True, "played": 10}],
        ["played", {"playing": False, "played": 900}],
    ):
        steps.append(step)
        seen.append(talk(*steps)["floor"])

    assert seen == ["you", "thinking", "engine", "open"]


def test_a_noise_that_nobody_calls_one_gives_the_floor_back() -> None:
    assert talk(["event", "speech.started", {}, 1000], ["tick", 2000])["floor"] == "you"
    assert talk(["event", "speech.started", {}, 1000], ["tick", 4000])["floor"] == "open"


def test_answers_are_timed_and_notes_are_kept() -> None:
    done = talk(
        event("reply.started", reply=1, latency_ms=None),
        event("reply.started", reply=2, latency_ms=640, latency={"endpointing": 480}),
        event("dtmf.sent", digits="12"),
        event("tool.result", tool="calendar.free"),
        event("call.ended", cause="engine"),
    )

    assert done["latencies"] == [{"reply": 2, "ms": 640, "parts": {"endpointing": 480}}]
    assert [(line["who"], line["kind"]) for line in done["lines"]] == [("note", "dtmf.sent")]
    assert done["ended"] == {"cause": "engine"}
