"""Rows of a table as lines that can be understood one by one: each cell after its column's name."""

import csv
import io
from collections.abc import Iterator, Sequence

DELIMITERS = ",;\t|"
SAMPLE_LINES = 20


def row_lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """`Service: Cleaning; Price: 80 €` for each row under a first row of names; rows as they are without one."""
    kept = [[" ".join(cell.split()) for cell in row] for row in rows]
    kept = [row for row in kept if any(row)]
    if len(kept) < 2 or not _is_head(kept[0]):
        yield from (", ".join(filter(None, row)) for row in kept)
        return
    names = kept[0]
    for row in kept[1:]:
        named = [f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=False) if cell]
        yield "; ".join([*named, *row[len(names) :]])


def delimiter_of(text: str) -> str | None:
    """What parts the cells of a CSV; None: the text is no table. Early lines must all have as many cells."""
    lines = [line for line in text.splitlines()[: SAMPLE_LINES * 2] if line.strip()][:SAMPLE_LINES]
    if len(lines) < 2:
        return None
    best: tuple[int, str] | None = None
    for delimiter in DELIMITERS:
        if sum(f"{delimiter} " in line for line in lines) > len(lines) / 2:
            continue  # prose: whoever writes a table for programs leaves no room after the mark
        try:
            widths = {len(row) for row in csv.reader(lines, delimiter=delimiter, strict=True) if row}
        except csv.Error:
            continue
        if len(widths) == 1 and (width := widths.pop()) > 1 and (best is None or width > best[0]):
            best = (width, delimiter)
    return None if best is None else best[1]


def csv_lines(text: str, delimiter: str) -> Iterator[str]:
    """The rows of a CSV as lines."""
    csv.field_size_limit(1 << 24)
    yield from row_lines(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))


def _is_head(row: Sequence[str]) -> bool:
    """Names of columns are words: they are different, and none is only a number."""
    named = [cell for cell in row if cell]
    return len(set(named)) == len(named) > 1 and not any(cell.replace(".", "").isdigit() for cell in named)
