"""Figures as the charts' script takes them, and as a table."""

import csv
import io
from typing import Any

from voice_engine.domains.figures.service import PERCENTILES, Figures

MINUTE_MS = 60_000
COLUMNS = ("date", "inbound", "outbound", "answered", "missed", "minutes", "credits")


def chart_data(figures: Figures) -> dict[str, Any]:
    """JSON for `static/figures/charts.js`."""
    return {
        "days": [day.isoformat() for day, _ in figures.by_day],
        "inbound": [tally.inbound for _, tally in figures.by_day],
        "outbound": [tally.outbound for _, tally in figures.by_day],
        "missed": [tally.missed for _, tally in figures.by_day],
        "minutes": [round(tally.talked_ms / MINUTE_MS, 1) for _, tally in figures.by_day],
        "hours": [list(row) for row in figures.by_hour],
        "latency": [list(bucket) for bucket in figures.latencies.buckets],
    }


def percentiles(figures: Figures) -> list[tuple[int, int]]:
    """(percent, ms); empty without answers."""
    found = [(percent, figures.latencies.percentile(percent)) for percent in PERCENTILES]
    return [(percent, ms) for percent, ms in found if ms is not None]


def as_csv(figures: Figures) -> str:
    """A line a day. Only dates and numbers: nothing that a spreadsheet could take for a formula."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for day, tally in figures.by_day:
        minutes = round(tally.talked_ms / MINUTE_MS, 1)
        writer.writerow(
            [day.isoformat(), tally.inbound, tally.outbound, tally.answered, tally.missed, minutes, tally.credits]
        )
    return table.getvalue()
