"""Where output goes: results to standard output, everything else to standard error."""

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # rich costs a fifth of the time in which help must be there
    from rich.console import Console

EXIT_OK = 0
EXIT_EXPECTATION = 1
EXIT_UNUSABLE = 2
EXIT_BUG = 70
"""sysexits.h EX_SOFTWARE: neither the input's fault nor an expectation's."""


def out() -> "Console":
    """The console of results."""
    from rich.console import Console

    return Console(highlight=False)


def err() -> "Console":
    """The console of progress and live views, so that `--json` output stays clean."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def emit_json(value: Any) -> None:
    """Write one JSON document to standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def fail(message: str) -> None:
    """Write one clear line to standard error."""
    line = " ".join(message.split())
    sys.stderr.write(f"voice-engine: {line}\n")
