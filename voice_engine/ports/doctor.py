"""What a look at an installation finds, and who looks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

Verdict = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `fix` says what to do about it; None when it is well."""

    subject: str
    verdict: Verdict
    detail: str
    fix: str | None = None


def well(subject: str, detail: str) -> Finding:
    """Nothing to mend."""
    return Finding(subject=subject, verdict="ok", detail=detail)


def warning(subject: str, detail: str, fix: str) -> Finding:
    """It works, but not for long or not for all."""
    return Finding(subject=subject, verdict="warning", detail=detail, fix=fix)


def problem(subject: str, detail: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(subject=subject, verdict="problem", detail=detail, fix=fix)


class Doctor(Protocol):
    """Looks at a running installation."""

    def examine(self) -> AsyncIterator[Finding]:
        """Everything there is to look at, told as it is found. Nothing is changed, nothing raised."""
        ...
