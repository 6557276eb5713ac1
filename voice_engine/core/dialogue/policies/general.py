"""Finding something out, or passing something on: the owner's questions one by one, their answers as facts."""

import re

from voice_engine.core.dialogue.brief import Brief
from voice_engine.core.dialogue.commands import (
    Answer,
    AskSlot,
    AskUnknown,
    Booked,
    Confirm,
    Goodbye,
    No,
    Offer,
    Provide,
    Thanks,
    Unavailable,
    Unclear,
    Yes,
)
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.policies.details import answer_details
from voice_engine.core.dialogue.policies.outbound import OPEN_AFTER_SILENCE_MS, OutboundPolicy
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.core.dialogue.turn import Turn

_ANSWERS = (Answer, Yes, No, Provide, Offer, Unavailable, Unclear, Confirm, Booked)
_NO_IDEA = re.compile(
    r"\b(?:don'?t know|do not know|no idea|not sure|couldn'?t (?:say|tell)|can'?t (?:say|tell))\b"
    r"|\bno (?:lo )?(?:sé\b|se\b(?!\s+\w))|\bni idea\b|\bno (?:estoy|tengo) (?:segur|idea)|\bno (?:le )?sabr[ií]a",
    re.IGNORECASE,
)
"""What is said instead of an answer."""


class GeneralPolicy(OutboundPolicy):
    """Asks the owner's questions, or puts the owner's errand and takes a yes or no."""

    def opening(self, turn: Turn) -> None:
        """Disclose, and put the first question."""
        brief = brief_of(turn)
        question = self._question(turn, brief)
        if question is not None:
            turn.say("open_question", owner=brief.owner, question=question, recorded=turn.spec.record,
                     interruptible=False)  # fmt: skip
            turn.ask(Asked.QUESTION)
        else:
            turn.say("open", owner=brief.owner, asked=self.asked(turn), recorded=turn.spec.record,
                     interruptible=False)  # fmt: skip
            turn.ask(Asked.REQUEST)
        turn.change(opened=True, phase=Phase.NEGOTIATE)

    def asked(self, turn: Turn) -> dict[str, object]:
        """The purpose of the call, for `{asked}`."""
        brief = brief_of(turn)
        return {"category": "general", "questions": brief.questions, "errand": brief.errand}

    def asked_briefly(self, turn: Turn) -> dict[str, object]:
        """The first question, or the errand, for a mailbox."""
        brief = brief_of(turn)
        return {"category": "general", "questions": brief.questions[:1], "errand": brief.errand}

    def task(self, turn: Turn) -> bool:
        """Take an answer, then put the next question or read the answers back."""
        answered = answer_details(turn) if turn.has(AskSlot, AskUnknown) else False
        if turn.state.phase is Phase.CLOSE:
            if turn.has(Goodbye):
                return False
            turn.wait(check_in_ms=OPEN_AFTER_SILENCE_MS)
            return True
        if not turn.has(*_ANSWERS) or (answered and turn.only(AskSlot, AskUnknown, Unclear)):
            return answered
        match turn.state.asked:
            case Asked.QUESTION:
                self._take_answer(turn)
            case Asked.READ_BACK:
                self._read_back_answered(turn)
            case Asked.CORRECTION:
                self._correct(turn)
            case Asked.REQUEST:
                self._errand_answered(turn)
            case _:
                return answered
        return True

    def _take_answer(self, turn: Turn) -> None:
        brief = brief_of(turn)
        question = self._question(turn, brief)
        assert question is not None, "a question was asked"
        turn.note(question)
        if _NO_IDEA.search(turn.text):
            turn.change(refused=turn.text)
        turn.change(question_index=turn.state.question_index + 1)
        following = self._question(turn, brief)
        if following is not None:
            turn.say("next_question", question=following)
            turn.ask(Asked.QUESTION)
        else:
            self._read_back(turn)

    def _read_back(self, turn: Turn) -> None:
        answers = tuple(item.text.strip(" .") for item in turn.state.heard)
        turn.change(confirmed=turn.state.refused is None, phase=Phase.CONFIRM)
        if turn.state.refused is not None:
            turn.say("thanks_answers")
            turn.close()
            return
        turn.say("read_back_answers", answers=answers)
        turn.ask(Asked.READ_BACK)

    def _read_back_answered(self, turn: Turn) -> None:
        if turn.has(No):
            if turn.only(No):
                turn.say("what_to_correct")
                turn.ask(Asked.CORRECTION)
            else:
                self._correct(turn)
            return
        turn.say("thanks_answers")
        turn.close()

    def _correct(self, turn: Turn) -> None:
        """What they say now replaces the last answer."""
        heard = turn.state.heard
        last = heard[-1] if heard else None
        turn.change(heard=heard[:-1])
        turn.note(last.about if last is not None else "answer")
        turn.say("thanks_answers")
        turn.close()

    def _errand_answered(self, turn: Turn) -> None:
        if turn.has(No, Unavailable):
            turn.change(refused=turn.text or "no")
            turn.note("refused")
            turn.say("refused", owner=brief_of(turn).owner, interruptible=False)
            turn.hang_up("completed")
            return
        booked = turn.find(Booked)
        turn.change(confirmation=booked.code if booked is not None else None)
        turn.note("answer")
        turn.prove("confirmed")
        turn.change(confirmed=True)
        turn.say("thanks_answers")
        turn.close()

    def reprompt(self, turn: Turn) -> None:
        """Put the open question again."""
        brief, state = brief_of(turn), turn.state
        question = self._question(turn, brief)
        if state.phase is Phase.CLOSE:
            turn.close()
        elif state.asked is Asked.READ_BACK:
            turn.say("read_back_answers", answers=tuple(item.text.strip(" .") for item in state.heard))
        elif state.asked is Asked.CORRECTION:
            turn.say("what_to_correct")
        elif question is not None:
            turn.say("question_again", question=question)
            turn.ask(Asked.QUESTION)
        else:
            turn.say("request_again", asked=self.asked(turn))
            turn.ask(Asked.REQUEST)

    def before_goodbye(self, turn: Turn) -> bool:
        """A question that they have not answered is put once more."""
        if turn.state.confirmed or turn.state.question_index == 0 or turn.has(Thanks):
            return False
        question = self._question(turn, brief_of(turn))
        if question is None:
            return False
        turn.say("question_again", question=question)
        return True

    def _question(self, turn: Turn, brief: Brief) -> str | None:
        index = turn.state.question_index
        return brief.questions[index] if index < len(brief.questions) else None
