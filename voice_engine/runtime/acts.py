"""What a call does to its own line: keys, transfer, hang-up, and the recording that is declined (`mind.Line`)."""

from collections.abc import Awaitable, Callable

from voice_engine.core.dialogue.actions import UseTool, Wait
from voice_engine.core.dialogue.commands import ToolResult
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import CallSpec
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.closing import EndCause
from voice_engine.runtime.events import EventLog
from voice_engine.runtime.tape import Tape
from voice_engine.runtime.timeline import Timeline
from voice_engine.runtime.transferring import Transferring
from voice_engine.runtime.watch import Watch


class LineActs:
    """One call's acts. `end` ends the call; `failed` is told when the carrier refuses, which ends it too."""

    def __init__(
        self,
        spec: CallSpec,
        call_sid: str,
        control: CallControl,
        *,
        timeline: Timeline,
        log: EventLog,
        watch: Watch,
        tape: Tape,
        end: Callable[[EndCause], None],
        failed: Callable[[UpstreamFailed], None],
    ) -> None:
        self._spec = spec
        self._call_sid = call_sid
        self._control = control
        self._timeline = timeline
        self._log = log
        self._watch = watch
        self._tape = tape
        self._end = end
        self._failed = failed
        self.transfers: Transferring | None = None
        """What rings targets; None: nothing can."""
        self.handed_to: str | None = None
        """The target to which the carrier was told to connect the call: its stream's end is no hang-up."""

    def listen(self, wait: Wait) -> None:
        """Wake the policy if nothing happens for as long as it asked."""
        self._watch.wake_after(wait.check_in_ms)

    def tool_used(self, action: UseTool, result: ToolResult) -> None:
        """Log a tool's use."""
        self._log.emit(
            self._timeline.now_ms(),
            "tool.result",
            tool=action.tool,
            id=action.id,
            ok=result.error is None,
            error=result.error,
        )

    async def send_digits(self, digits: str) -> None:
        """Press keys: the carrier ends the stream, plays them and opens another for this call."""
        self._watch.awaiting_digits = True
        self._log.emit(self._timeline.now_ms(), "dtmf.sent", digits=digits)
        await self._try(self._control.send_digits(self._call_sid, digits))

    async def transfer(self, target: str) -> None:
        """Put the other party through to a configured target: for good only once somebody there has answered.

        Where nobody can be rung, the carrier connects them, and the engine's part ends with it.
        """
        assistant = self._spec.assistant
        number = assistant.transfer_targets.get(target) if assistant else None
        if number is None:
            raise AssertionError(f"the policy chose an unknown transfer target {target!r}")
        transfers = self.transfers
        if transfers is None:
            await self.hand_over(number, target=target)
        else:
            transfers.begin(number, target=target, ordered=False)

    def cancel_transfer(self) -> None:
        """Stop ringing the target."""
        if self.transfers is not None:
            self.transfers.cancel()

    async def hand_over(self, number: str, *, target: str) -> None:
        """Have the carrier connect the other party to `number`; `target` is its name in events and report."""
        self._log.emit(self._timeline.now_ms(), "call.transferred", target=target)
        self.handed_to = target
        await self._try(self._control.transfer(self._call_sid, number))
        self._end("transferred")

    async def hang_up(self) -> None:
        """End the call: everything said has been played."""
        self._end("failed" if self._watch.failing else "engine")

    async def stop_recording(self) -> None:
        """The other party declined: nothing of it is kept."""
        await self._tape.discard()

    async def _try(self, act: Awaitable[None]) -> None:
        try:
            await act
        except UpstreamFailed as error:
            self._failed(error)
