"""The scripted respondent's mind: which step comes when. Pure; audio, text and recognition are its line's business.

| phase      | on                                             | to         | acts                          |
|------------|------------------------------------------------|------------|-------------------------------|
| waiting    | unconditional step                             | ready      | -                             |
| waiting    | engine finished an utterance and `when` occurs | ready      | -                             |
| waiting    | it does not occur, `else`, try ≤ 3             | performing | the `else`, then waiting again |
| waiting    | it does not occur a fourth time; 20 s          | ready      | -                             |
| ready      | at once; barge-in: N ms into the next speech   | performing | the step's acts               |
| performing | `performed`                                    | waiting    | - (the next step), or over    |

An utterance counts as "since the previous step" unless it began before that step's speech and ended before that
was over: then it belongs to the exchange before. A backchannel belongs to no exchange and cuts nothing off.
"""

from dataclasses import dataclass
from enum import Enum, auto

from voice_engine.carrier.script import RespondentScript, Step

WAIT_LIMIT_MS = 20_000
"""A step waits no longer than this for the engine; a respondent does not wait for ever."""

MAX_TRIES = 3
"""How often `else` is said before the step is done anyway."""

BACKCHANNEL_AFTER_MS = 800
"""Where in the engine's speech a backchannel falls when the step does not say."""

FLOOR_LIMIT_MS = 20_000
"""How long a reply waits for an engine that keeps talking."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Say nothing for `duration_ms`."""

    duration_ms: int


@dataclass(frozen=True, slots=True)
class PlayMusic:
    """Hold music for `duration_ms`."""

    duration_ms: int


@dataclass(frozen=True, slots=True)
class PlayBeep:
    """A voicemail's record tone."""


@dataclass(frozen=True, slots=True)
class PressKeys:
    """Press `digits`."""

    digits: str


@dataclass(frozen=True, slots=True)
class AwaitFloor:
    """Go on once the engine is silent, at the latest after `limit_ms`."""

    limit_ms: int = FLOOR_LIMIT_MS


@dataclass(frozen=True, slots=True)
class Speak:
    """Say `text` (pause marks included); `slot` tells `say`, `else` and `backchannel` of a step apart."""

    step_id: str
    slot: str
    text: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """Leave the call."""


Act = Quiet | PlayMusic | PlayBeep | PressKeys | AwaitFloor | Speak | HangUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How the engine answered one step: `after_ms` from the end of the respondent's speech, None: not at all."""

    step_id: str
    spoke_until_ms: int
    after_ms: int | None
    within_ms: int | None = None

    def problem(self) -> str | None:
        """Why `within_ms` does not hold, or None."""
        if self.within_ms is None or (self.after_ms is not None and self.after_ms <= self.within_ms):
            return None
        took = "did not answer" if self.after_ms is None else f"answered after {self.after_ms} ms"
        return f"within_ms: step {self.step_id}: the engine {took}, not within {self.within_ms} ms"


class _Phase(Enum):
    WAITING = auto()
    READY = auto()
    PERFORMING = auto()
    OVER = auto()


class Respondent:
    """Steps through a script. All times are ms of line time; they never go back."""

    def __init__(self, script: RespondentScript) -> None:
        self._steps = script.steps
        self._index = 0
        self._phase = _Phase.WAITING if script.steps else _Phase.OVER
        self._else_running = False
        self._tries = 0
        self._waiting_since_ms = 0
        self._acts_from_ms = 0
        self._acts_until_ms = 0
        self._heard: list[str] = []
        self._fresh = False
        self._keys = ""
        self._speech_from_ms: int | None = None
        self._speech_counts_from_ms = 0
        self._performing_since_ms = 0
        self._speech_free_from_ms = 0
        self._open_response: tuple[Step, int] | None = None
        self.responses: list[Response] = []
        self.notes: list[str] = []

    @property
    def over(self) -> bool:
        """Whether every step is done."""
        return self._phase is _Phase.OVER

    # -- what happens on the line ----------------------------------------------------------------------------

    def engine_voiced(self, at_ms: int) -> None:
        """The engine is audible (again) at `at_ms`, after at least a short silence."""
        if self._open_response is None:
            return
        step, until_ms = self._open_response
        self._open_response = None
        self.responses.append(
            Response(
                step_id=step.id,
                spoke_until_ms=until_ms,
                after_ms=max(0, at_ms - until_ms),
                within_ms=step.within_ms,
            )
        )

    def engine_started(self, at_ms: int) -> None:
        """The engine began an utterance."""
        self._speech_from_ms = at_ms

    def engine_stopped(self) -> None:
        """The engine's utterance ended (its words may follow later)."""
        self._speech_from_ms = None

    def engine_said(self, text: str, *, started_ms: int, ended_ms: int) -> None:
        """An utterance of the engine, recognised, with its times."""
        if started_ms < self._acts_from_ms and (
            ended_ms <= self._acts_until_ms or self._phase is _Phase.PERFORMING
        ):
            return
        self._heard.append(text)
        self._fresh = True

    def speech_began(self, now_ms: int) -> None:
        """The respondent opens its mouth: what the engine said before belongs to the exchange before."""
        self._acts_from_ms = now_ms
        self._open_response = None
        self._fresh = False
        if not self._else_running:
            self._heard.clear()

    def keys(self, digits: str) -> None:
        """The engine pressed keys."""
        self._keys += digits

    def performed(self, now_ms: int, *, engine_audible: bool) -> None:
        """All acts given by `poll` are done."""
        step = self._steps[self._index]
        self._acts_until_ms = now_ms
        self._waiting_since_ms = now_ms
        self._speech_free_from_ms = self._performing_since_ms
        if self._else_running:
            self._phase = _Phase.WAITING
            self._listen(step, now_ms, engine_audible)
            return
        if step.say:
            self._listen(step, now_ms, engine_audible)
        self._tries = 0
        self._index += 1
        self._phase = _Phase.WAITING if self._index < len(self._steps) else _Phase.OVER

    def finish(self, now_ms: int) -> None:
        """The call is over: an answer that is still due will not come."""
        if self._open_response is not None:
            step, until_ms = self._open_response
            if step.within_ms is not None and now_ms - until_ms >= step.within_ms:
                self.responses.append(
                    Response(step_id=step.id, spoke_until_ms=until_ms, after_ms=None, within_ms=step.within_ms)
                )
            self._open_response = None
        in_last_step = self._phase is _Phase.PERFORMING and self._index == len(self._steps) - 1
        if self._phase is not _Phase.OVER and not in_last_step:
            self.notes.append(f"the call ended before step {self._steps[self._index].id}")

    def poll(self, now_ms: int) -> list[Act]:
        """The acts that begin now; empty while the step waits or is being performed."""
        if self._phase is _Phase.WAITING:
            acts = self._wait(self._steps[self._index], now_ms)
            if acts:
                return acts
        if self._phase is _Phase.READY and self._due(self._steps[self._index], now_ms):
            return self._perform(self._steps[self._index], now_ms)
        return []

    # -- phases ----------------------------------------------------------------------------------------------

    def _wait(self, step: Step, now_ms: int) -> list[Act]:
        if not step.conditional or self._met(step):
            self._ready(now_ms)
            return []
        if now_ms - self._waiting_since_ms >= WAIT_LIMIT_MS:
            self.notes.append(f"step {step.id}: waited {WAIT_LIMIT_MS // 1000} s for what it expects")
            self._ready(now_ms)
            return []
        if not self._tried(step):
            return []
        self._fresh = False
        if step.otherwise is None:
            return []
        if self._tries == MAX_TRIES:
            self.notes.append(f"step {step.id}: not met after {MAX_TRIES} tries")
            self._ready(now_ms)
            return []
        self._tries += 1
        self._begin(now_ms)
        self._keys = ""
        self._else_running = True
        return [AwaitFloor(), Speak(step.id, "else", step.otherwise)]

    def _met(self, step: Step) -> bool:
        if step.expect_dtmf is not None:
            return step.expect_dtmf in self._keys
        return self._fresh and step.when is not None and step.when.search(" ".join(self._heard)) is not None

    def _tried(self, step: Step) -> bool:
        """Whether the engine has done something that could have met the step."""
        return self._fresh or (step.expect_dtmf is not None and len(self._keys) >= len(step.expect_dtmf))

    def _ready(self, now_ms: int) -> None:
        self._phase = _Phase.READY
        self._waiting_since_ms = now_ms
        step = self._steps[self._index]
        self._speech_counts_from_ms = now_ms if step.conditional else self._speech_free_from_ms

    def _due(self, step: Step, now_ms: int) -> bool:
        """Whether the acts may begin: at once, or that long into the engine's next speech."""
        if step.barge_in_after_ms is None and step.backchannel is None:
            return True
        if now_ms - self._waiting_since_ms >= WAIT_LIMIT_MS:
            self.notes.append(f"step {step.id}: the engine did not speak long enough to be interrupted")
            return True
        after_ms = BACKCHANNEL_AFTER_MS if step.barge_in_after_ms is None else step.barge_in_after_ms
        began_ms = self._speech_from_ms
        return began_ms is not None and began_ms >= self._speech_counts_from_ms and now_ms - began_ms >= after_ms

    def _perform(self, step: Step, now_ms: int) -> list[Act]:
        self._else_running = False
        if step.backchannel is not None and not step.say:
            self._phase = _Phase.PERFORMING
            self._performing_since_ms = now_ms
            return _acts(step)
        self._begin(now_ms)
        if step.music_ms or step.beep or step.dtmf:
            self._open_response = None
        self._heard.clear()
        self._fresh = False
        self._keys = ""
        return _acts(step)

    def _begin(self, now_ms: int) -> None:
        self._phase = _Phase.PERFORMING
        self._performing_since_ms = now_ms
        self._acts_from_ms = now_ms

    def _listen(self, step: Step, now_ms: int, engine_audible: bool) -> None:
        """The respondent stopped talking: from here on the engine's answer is timed."""
        self._open_response = (step, now_ms)
        if engine_audible:
            self.engine_voiced(now_ms)


def _acts(step: Step) -> list[Act]:
    """A step's acts in the order that the file format fixes."""
    acts: list[Act] = []
    if step.wait_ms:
        acts.append(Quiet(step.wait_ms))
    if step.silence_ms:
        acts.append(Quiet(step.silence_ms))
    if step.music_ms:
        acts.append(PlayMusic(step.music_ms))
    if step.beep:
        acts.append(PlayBeep())
    if step.dtmf:
        acts.append(PressKeys(step.dtmf))
    if step.backchannel:
        acts.append(Speak(step.id, "backchannel", step.backchannel))
    if step.say:
        if step.conditional and step.barge_in_after_ms is None and not step.backchannel:
            acts.append(AwaitFloor())
        acts.append(Speak(step.id, "say", step.say))
    if step.hang_up:
        acts.append(HangUp())
    return acts
