"""The caller's half: frames become utterances, utterances a turn, and decodes are asked for when they help.

| utterance | entered by                  | asks                                            | left by            |
|-----------|-----------------------------|-------------------------------------------------|--------------------|
| open      | onset (`OpenUtterance`)     | `interim` in their speech, `pause` at a silence | `close`, `drop`    |
| closed    | `CloseUtterance`            | `final`, unless its text covers all its speech  | answer or time-out |
| settled   | final answer, or time-out   | –                                               | –                  |
| dropped   | `DropUtterance`             | –                                               | –                  |

Whose turn it is, and what an utterance over the engine's speech means, is `machine`'s.
"""

from typing import Literal

from .effects import CloseUtterance, DropUtterance, OpenUtterance, RequestHypothesis, TurnEffect
from .events import FrameHeard, HypothesisHeard
from .hearing import FRAME_MS, VoiceGate
from .settings import TurnSettings
from .turn import Turn, Utterance

LATE_ONSET_PREROLL_MS = 900
"""Speech was running before we could listen (hold music hid it): take as much as the session keeps (1 s)."""


class Listener:
    """Owns the open utterance and the caller's turn. Effects go to `out`, which the machine hands over."""

    def __init__(
        self, settings: TurnSettings, *, next_utterance: int = 1, speech_dbfs: float | None = None
    ) -> None:
        self._settings = settings
        self.gate = VoiceGate(settings, speech_dbfs)
        self.out: list[TurnEffect] = []
        self.media_ms = 0
        self.turn: Turn | None = None
        self.utterance: Utterance | None = None
        self.next_utterance = next_utterance
        self._fed_until_ms = 0
        self._interim_due_ms = 0

    def continue_utterance(self, utterance: Utterance, level_dbfs: float) -> None:
        """The newest frame is speech of the open utterance."""
        if self.media_ms - utterance.end_ms > self._settings.barge_in_pause_ms:
            utterance.broken = True
            utterance.runs.append((utterance.speech[-1][0], utterance.end_ms))
            utterance.run_ms = self.media_ms - FRAME_MS
        utterance.end_ms = self.media_ms
        utterance.voiced_ms += FRAME_MS
        utterance.level_sum += level_dbfs

    def onset(self, frame: FrameHeard, *, strict: bool) -> Utterance | None:
        """Open an utterance if speech has just begun."""
        since_ms = self.gate.onset_ms(strict=strict)
        if since_ms is None:
            return None
        return self.begin(self.media_ms - since_ms, frame.level_dbfs, self._settings.preroll_ms)

    def begin(self, start_ms: int, level_dbfs: float, preroll_ms: int) -> Utterance:
        """Open an utterance that began at `start_ms` and still goes on."""
        assert self.utterance is None, "one utterance at a time"
        voiced_ms = self.gate.bits.bit_count() * FRAME_MS
        utterance = Utterance(
            id=self.next_utterance,
            start_ms=max(0, start_ms),
            end_ms=self.media_ms,
            voiced_ms=voiced_ms,
            level_sum=level_dbfs * voiced_ms / FRAME_MS,
        )
        self.next_utterance += 1
        self.utterance = utterance
        self._interim_due_ms = self.media_ms + (self._settings.interim_every_ms or 0)
        if self.turn is None:
            self.turn = Turn()
        self.turn.utterances.append(utterance)
        fed_from_ms = max(self._fed_until_ms, utterance.start_ms - preroll_ms, 0)
        self.out.append(OpenUtterance(utterance_id=utterance.id, start_ms=fed_from_ms))
        return utterance

    def ask(
        self, utterance: Utterance, reason: Literal["pause", "interim", "barge_in", "final"], now_ms: float
    ) -> None:
        """Request a decode of what the utterance has so far."""
        utterance.asked_until_ms = self.media_ms
        utterance.asked_at_ms = now_ms
        if reason == "final":
            utterance.final_at_ms = now_ms
        self.out.append(RequestHypothesis(utterance_id=utterance.id, reason=reason))

    def attend(self, utterance: Utterance, now_ms: float) -> None:
        """The usual requests for an open utterance, and its division when it gets too long."""
        settings = self._settings
        if settings.endpointing_fixed_ms is not None:
            return
        silence_ms = self.media_ms - utterance.end_ms
        length_ms = self.media_ms - utterance.start_ms
        if length_ms >= settings.utterance_hard_ms:
            self.close(utterance, now_ms)
        elif silence_ms >= settings.pause_ms:
            if length_ms >= settings.utterance_soft_ms:
                self.close(utterance, now_ms)
            elif not utterance.asked:
                self.ask(utterance, "pause", now_ms)
        elif settings.interim_every_ms is not None and self.media_ms >= self._interim_due_ms:
            self._interim_due_ms = self.media_ms + settings.interim_every_ms
            self.ask(utterance, "interim", now_ms)

    def close(self, utterance: Utterance, now_ms: float) -> None:
        """No more audio belongs to it; its final text is asked for unless it is known or on its way."""
        if utterance.open:
            utterance.open = False
            self._fed_until_ms = self.media_ms
            self.out.append(CloseUtterance(utterance_id=utterance.id, speech=utterance.speech))
        if self.utterance is utterance:
            self.utterance = None
        if not utterance.known and not utterance.asked:
            self.ask(utterance, "final", now_ms)

    def drop(self, utterance: Utterance) -> None:
        """It was no speech, or no turn: forget it."""
        if self.utterance is utterance:
            self.utterance = None
        self._forget(utterance)
        self._leave_turn(utterance)

    def _forget(self, utterance: Utterance) -> None:
        speech = utterance.speech if utterance.open else ()
        utterance.open = False
        self.out.append(DropUtterance(utterance_id=utterance.id, speech=speech))

    def set_apart(self, utterance: Utterance) -> None:
        """It is known and closed, but whether it is part of a turn is seen later."""
        utterance.settled = True
        self.close(utterance, 0.0)
        self._leave_turn(utterance)

    def _leave_turn(self, utterance: Utterance) -> None:
        turn = self.turn
        if turn is not None and utterance in turn.utterances:
            turn.utterances.remove(utterance)
            if not turn.utterances:
                self.turn = None

    def answered(self, event: HypothesisHeard) -> Utterance | None:
        """Take a hypothesis in; the utterance it changed, None when it is late or unknown."""
        utterance = self.turn.find(event.utterance_id) if self.turn is not None else None
        if utterance is None or utterance.settled:
            return None
        if event.final:
            utterance.settled = not utterance.open or utterance.final_at_ms is not None
        elif event.until_ms < utterance.text_until_ms:
            return None
        utterance.text = event.text.strip()
        utterance.sureness, utterance.alternatives = event.sureness, event.alternatives
        utterance.text_until_ms = max(utterance.text_until_ms, event.until_ms)
        return utterance

    def texts_known(self, turn: Turn, now_ms: float) -> bool:
        """Whether the turn's text is whole; if not, see to it that it will be, within the time-outs."""
        for utterance in turn.utterances:
            if utterance.known:
                continue
            if utterance.final_at_ms is not None:
                if now_ms - utterance.final_at_ms < self._settings.final_timeout_ms:
                    return False
                utterance.settled = True
            else:
                if not self._decode_is_coming(utterance, now_ms):
                    self.close(utterance, now_ms)
                    if utterance.final_at_ms is None:
                        self.ask(utterance, "final", now_ms)
                return False
        return True

    def _decode_is_coming(self, utterance: Utterance, now_ms: float) -> bool:
        """A speculative decode of all the speech is under way: wait for it a little rather than decode twice."""
        return utterance.asked and now_ms - utterance.asked_at_ms < self._settings.hypothesis_grace_ms

    def end_turn(self) -> Turn:
        """Take the turn away; whatever of it is open is closed, or dropped when it has no words."""
        turn = self.turn
        assert turn is not None
        self.turn = self.utterance = None
        for utterance in turn.utterances:
            if utterance.open:
                self._fed_until_ms = self.media_ms
            if not utterance.text:
                self._forget(utterance)
                continue
            self.gate.learn(utterance.level_dbfs)
            if utterance.open:
                utterance.open = False
                self.out.append(CloseUtterance(utterance_id=utterance.id, speech=utterance.speech))
        return turn
