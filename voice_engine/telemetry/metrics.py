"""What is counted and timed in one process, for Prometheus: no number, name or word of a caller in any label.

Names follow Prometheus' conventions (base units, `_total`). Labels are closed sets, so that series stay few.
"""

import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST

ANSWER_BUCKETS_S = (0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 3.0, 5.0)
"""Around what people notice: a second's silence on the telephone is long."""
LAG_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25)
"""A frame is 20 ms: beyond it, audio is late."""
REQUEST_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

STAGES = ("endpointing", "stt", "policy", "llm", "tts", "engine", "total")
"""The parts of an answer's latency (`ports.call.TurnLatency`)."""


class Metrics:
    """One process's counters. Each has its own registry, so that tests and processes do not share any."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._add_sampled(registry)
        self.refused = Counter("voice_engine_calls_refused", "Calls not taken.", ["reason"], registry=registry)
        self.live = Gauge("voice_engine_calls_live", "Calls that are up.", registry=registry)
        self.answers = Histogram(
            "voice_engine_answer_seconds",
            "The caller's last speech to the engine's first audio, and its parts.",
            ["stage"],
            buckets=ANSWER_BUCKETS_S,
            registry=registry,
        )
        self.events = Counter(
            "voice_engine_call_events", "What happened in calls, by type.", ["type"], registry=registry
        )
        self.provider_errors = Counter(
            "voice_engine_provider_errors",
            "Faults of providers that this process met.",
            ["provider", "code"],
            registry=registry,
        )
        self.loop_lag = Histogram(
            "voice_engine_loop_lag_seconds",
            "How late the event loop comes to its work.",
            buckets=LAG_BUCKETS_S,
            registry=registry,
        )
        self.requests = Histogram(
            "voice_engine_http_request_seconds",
            "API requests.",
            ["method", "route", "status"],
            buckets=REQUEST_BUCKETS_S,
            registry=registry,
        )
        self.queue_depth = Gauge(
            "voice_engine_queue_depth", "What waits to be done, by queue.", ["queue"], registry=registry
        )
        self.jobs = Gauge(
            "voice_engine_jobs", "Durable jobs that are not done, by state.", ["state"], registry=registry
        )
        self.workers = Gauge("voice_engine_workers_alive", "Workers whose heart beats.", registry=registry)
        started = Gauge("voice_engine_start_time_seconds", "When the process started.", registry=registry)
        started.set(time.time())

    def _add_sampled(self, registry: CollectorRegistry) -> None:
        """What is counted from rows: every server has the whole installation's."""
        self.calls = Counter(
            "voice_engine_calls",
            "Calls of the installation that ended, answered or not.",
            ["direction", "status", "disposition"],
            registry=registry,
        )
        self.call_seconds = Counter(
            "voice_engine_call_seconds", "Connected time of calls that ended.", ["direction"], registry=registry
        )
        self.credits = Counter("voice_engine_credits", "Credits that the ledger charged.", registry=registry)
        self.dial_errors = Counter(
            "voice_engine_dial_errors",
            "Dials that the carrier refused, or whose answer got lost.",
            ["code"],
            registry=registry,
        )

    def answered(self, stage_ms: Mapping[str, float | None]) -> None:
        """One answer's latency: milliseconds by stage."""
        for stage in STAGES:
            if (taken_ms := stage_ms.get(stage)) is not None:
                self.answers.labels(stage).observe(taken_ms / 1000)

    def render(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)
