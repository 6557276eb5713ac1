"""How much a document may ask of the machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """Bounds of one reading. The file itself has at most 10 MiB (its upload's limit).

    `memory_bytes` and `cpu_s` are the process's own limits (setrlimit), `wall_s` the parent's patience; `pages`,
    `inflated_bytes` (what compressed parts come to) and `text_chars` are counted while reading.
    """

    memory_bytes: int = 1 << 30
    cpu_s: int = 30
    wall_s: float = 60.0
    pages: int = 1_000
    inflated_bytes: int = 64 << 20
    text_chars: int = 11_000_000
    """A little more than a plain text of 10 MiB has."""
