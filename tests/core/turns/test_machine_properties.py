"""Whatever happens on a line, the machine keeps its invariants: random events, checked effects."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voice_engine.core.turns.effects import (
    ClearPlayout,
    CloseUtterance,
    DropUtterance,
    HoldPlayout,
    OpenUtterance,
    RequestHypothesis,
    ResumePlayout,
    StartReply,
    TurnEffect,
)
from voice_engine.core.turns.events import (
    ContextChanged,
    DigitPressed,
    Expecting,
    FrameHeard,
    HungUp,
    HypothesisHeard,
    MusicChanged,
    ReplyAudible,
    ReplyEnded,
    SpeechWanted,
    TimePassed,
    TurnEvent,
)
from voice_engine.core.turns.machine import TurnMachine
from voice_engine.core.turns.settings import TurnSettings

TEXTS = ["", "yes", "mm-hm", "no wait", "a table for", "at eight thirty please", "uh", "five five five"]

Act = tuple[str, int, int]

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("speech"), st.integers(1, 60), st.integers(0, 1)),
        st.tuples(st.just("silence"), st.integers(1, 100), st.just(0)),
        st.tuples(st.just("answer"), st.integers(0, 3), st.integers(0, len(TEXTS) - 1)),
        st.tuples(st.just("wanted"), st.integers(0, 2), st.integers(0, 1)),
        st.tuples(st.just("audible"), st.just(0), st.just(0)),
        st.tuples(st.just("ended"), st.integers(0, 2), st.integers(0, 1)),
        st.tuples(st.just("context"), st.integers(0, 3), st.integers(0, len(Expecting))),
        st.tuples(st.just("digit"), st.just(0), st.just(0)),
        st.tuples(st.just("music"), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("stall"), st.integers(1, 5000), st.just(0)),
    ),
    max_size=40,
)


@dataclass
class Session:
    """Plays the session's part with arbitrary timing, and checks each effect as it is performed."""

    machine: TurnMachine
    now_ms: float = 0.0
    media_ms: int = 0
    log: list[tuple[TurnEvent, float]] = field(default_factory=list)
    effects: list[TurnEffect] = field(default_factory=list)
    live: int | None = None
    audible: bool = False
    cleared: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    asked: list[tuple[RequestHypothesis, int]] = field(default_factory=list)

    def send(self, event: TurnEvent) -> None:
        self.log.append((event, self.now_ms))
        for effect in self.machine.step(event, self.now_ms):
            self.effects.append(effect)
            self.check(effect)

    def check(self, effect: TurnEffect) -> None:
        match effect:
            case StartReply():
                assert self.live is None, "a second reply while one is live"
                self.live, self.audible = effect.reply_id, False
                assert (effect.text is None) != (effect.key is None)
                assert effect.text is None or effect.text == " ".join(text for _, _, text in effect.spans)
                assert effect.start_ms <= effect.end_ms <= effect.decided_ms or effect.text is None
            case HoldPlayout() | ResumePlayout():
                assert effect.reply_id == self.live
                assert effect.reply_id not in self.cleared
            case ClearPlayout():
                assert effect.reply_id == self.live
                assert effect.reply_id not in self.cleared, "cleared twice"
                self.cleared.add(effect.reply_id)
            case OpenUtterance():
                assert not self.open, "two utterances at once"
                assert effect.utterance_id not in self.known
                self.open.add(effect.utterance_id)
                self.known.add(effect.utterance_id)
            case CloseUtterance():
                self.open.remove(effect.utterance_id)
            case DropUtterance():
                assert effect.utterance_id in self.known - self.dropped, "dropped twice"
                self.dropped.add(effect.utterance_id)
                self.open.discard(effect.utterance_id)
            case RequestHypothesis():
                assert effect.utterance_id in self.known - self.dropped
                self.asked.append((effect, self.media_ms))
            case _:
                pass

    def frames(self, count: int, *, voiced: bool, level: float = -25.0) -> None:
        for _ in range(count):
            self.now_ms += 20
            frame = FrameHeard(self.media_ms, voiced, level)
            self.media_ms += 20
            self.send(frame)

    def answer(self, index: int, text: str) -> None:
        if index < len(self.asked):
            request, until_ms = self.asked.pop(index)
            if request.utterance_id not in self.dropped:
                final = request.reason == "final"
                self.send(
                    HypothesisHeard(utterance_id=request.utterance_id, text=text, until_ms=until_ms, final=final)
                )

    def end_reply(self, *, whole: bool) -> None:
        if self.live is None:
            return
        reply_id, self.live = self.live, None
        cleared = reply_id in self.cleared
        self.send(ReplyEnded(reply_id=reply_id, how="cleared" if cleared else ("played" if whole else "failed")))

    def act(self, act: Act) -> None:  # noqa: C901  # a flat table
        kind, first, second = act
        match kind:
            case "speech":
                self.frames(first, voiced=True, level=-25.0 if second else -50.0)
            case "silence":
                self.frames(first, voiced=False, level=-70.0)
            case "answer":
                self.answer(first, TEXTS[second])
            case "wanted":
                self.send(SpeechWanted(key=f"wanted-{first}", urgent=bool(second)))
            case "audible" if self.live is not None and not self.audible and self.live not in self.cleared:
                self.audible = True
                self.send(ReplyAudible(reply_id=self.live))
            case "ended":
                self.end_reply(whole=bool(second))
            case "context":
                self.send(
                    ContextChanged(
                        expecting=[None, *Expecting][second],
                        on_hold=first == 1,
                        listening_to_menu=first == 2,
                        interruptible=first != 3,
                    )
                )
            case "digit":
                self.send(DigitPressed(digit="5"))
            case "music":
                self.send(MusicChanged(playing=bool(first)))
            case "stall":
                self.now_ms += first
                self.send(TimePassed())
            case _:
                pass


def played(acts: Iterable[Act], options: TurnSettings) -> Session:
    session = Session(TurnMachine(options, "en"))
    for act in acts:
        session.act(act)
    return session


OPTIONS = st.sampled_from(
    [
        TurnSettings(),
        TurnSettings(interim_every_ms=300),
        TurnSettings(endpointing_fixed_ms=200, barge_in_fixed_ms=200),
        TurnSettings(too_long_ms=2000, utterance_soft_ms=600, utterance_hard_ms=1000),
    ]
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(ACTS, OPTIONS)
def test_one_reply_at_a_time_and_every_effect_is_about_something_live(
    acts: list[Act], options: TurnSettings
) -> None:
    """The checks are in `Session.check`."""
    session = played(acts, options)

    assert session.cleared <= {e.reply_id for e in session.effects if isinstance(e, StartReply)}


@QUICK
@given(ACTS, OPTIONS)
def test_the_same_log_gives_the_same_effects(acts: list[Act], options: TurnSettings) -> None:
    session = played(acts, options)

    again = TurnMachine(options, "en")
    effects = [effect for event, now_ms in session.log for effect in again.step(event, now_ms)]

    assert effects == session.effects


@QUICK
@given(ACTS, ACTS)
def test_nothing_follows_a_hang_up(before: list[Act], after: list[Act]) -> None:
    session = played(before, TurnSettings())
    session.send(HungUp())
    count = len(session.effects)

    for act in after:
        session.act(act)

    assert len(session.effects) == count


@QUICK
@given(ACTS, OPTIONS)
def test_every_line_comes_to_rest(acts: list[Act], options: TurnSettings) -> None:
    """When all is answered and nobody speaks, no turn stays open: each silence is reported in the end."""
    session = played(acts, options)
    session.send(MusicChanged(playing=False))
    session.send(ContextChanged())

    for _ in range(200):
        session.end_reply(whole=True)
        session.answer(0, "")
        session.frames(5, voiced=False, level=-70.0)
    session.frames(400, voiced=False, level=-70.0)

    last = session.effects[-1]
    assert not session.open
    assert type(last).__name__ == "ReportSilence"


@QUICK
@given(ACTS)
def test_a_recognizer_that_never_answers_holds_up_nothing(acts: list[Act]) -> None:
    session = played([act for act in acts if act[0] != "answer"], TurnSettings())
    session.send(MusicChanged(playing=False))
    session.send(ContextChanged())

    for _ in range(60):
        session.end_reply(whole=True)
        session.frames(20, voiced=False, level=-70.0)

    assert not session.open
    assert session.live is None


@QUICK
@given(ACTS)
def test_an_uninterruptible_reply_is_never_cleared(acts: list[Act]) -> None:
    session = Session(TurnMachine(TurnSettings(), "en"))
    session.send(ContextChanged(interruptible=False))
    for act in acts:
        if act[0] != "context":
            session.act(act)

    assert session.cleared == set()


@QUICK
@given(ACTS)
def test_the_machine_goes_on_from_its_snapshot(acts: list[Act]) -> None:
    """On a new stream: numbers go on, and what is said next is answered."""
    before = played(acts, TurnSettings())
    used = {e.reply_id for e in before.effects if isinstance(e, StartReply)}

    after = Session(TurnMachine.restore(TurnSettings(), "en", before.machine.snapshot()))
    after.known, after.live = set(before.known), None
    after.frames(60, voiced=False, level=-70.0)
    after.end_reply(whole=True)
    for _ in range(4):
        after.frames(20, voiced=False, level=-70.0)
        after.end_reply(whole=True)
    after.frames(30, voiced=True, level=-25.0)
    after.frames(12, voiced=False, level=-70.0)
    after.answer(0, "at eight thirty please")
    after.frames(60, voiced=False, level=-70.0)

    replies = [e for e in after.effects if isinstance(e, StartReply)]
    assert replies[-1].text == "at eight thirty please"
    assert used.isdisjoint(reply.reply_id for reply in replies)
