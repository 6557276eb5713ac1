"""What a policy wants done. The runtime performs them in order; `Say` is rendered before it is spoken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak. `template` names the act (for a model's paraphrase), `slots` are the only facts it may contain.

    `text` is the rendered template in the call's language, ready to speak.
    `slow`: at reduced speed (a repeat). `interruptible`: False for the AI disclosure and the farewell.
    """

    template: str
    text: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    slow: bool = False
    interruptible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDtmf:
    """Press keys on the far end's menu."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Say nothing and listen: `on_hold` while they look something up, `for_menu` until a menu is read out.

    `check_in_ms`: come back with Silence after that long (90 s on hold).
    """

    on_hold: bool = False
    for_menu: bool = False
    check_in_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTool:
    """Look something up; the answer comes back as `ToolResult(id=...)`. `filler` is spoken if it takes long.

    Tools: `calendar.free` {start, end} → [iso…] · `calendar.book` {start, service, name, phone} → {reference,
    start} · `calendar.find` {name, phone} → [{reference, start}] · `calendar.cancel` {reference} ·
    `knowledge.search` {query} → [{key, text, score}].
    """

    id: str
    tool: str
    args: Mapping[str, Any]
    filler: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Connect to the configured target `target` (a key of transfer_targets, never a number from speech).

    Whether somebody answered there comes back as `TransferEnded`.
    """

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer:
    """They do not want to wait any longer for whom `Transfer` rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecording:
    """Stop the recorder and delete what was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup:
    """End the call once what was said before has played."""


Action = Say | SendDtmf | Wait | UseTool | Transfer | CancelTransfer | StopRecording | Hangup
