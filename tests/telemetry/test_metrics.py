"""The figures of a process, as Prometheus reads them."""

from voice_engine.telemetry.metrics import Metrics


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_an_answers_parts_are_timed_in_seconds_and_absent_ones_left_out() -> None:
    metrics = Metrics()

    metrics.answered({"total": 740.0, "stt": 210.0, "llm": None})

    assert _value(metrics, "voice_engine_answer_seconds_sum", stage="total") == 0.74
    assert _value(metrics, "voice_engine_answer_seconds_bucket", stage="total", le="0.8") == 1
    assert _value(metrics, "voice_engine_answer_seconds_count", stage="llm") is None


def test_two_processes_in_one_do_not_share_counters() -> None:
    """Tests and embedders make several."""
    first, second = Metrics(), Metrics()

    first.live.set(3)

    assert _value(second, "voice_engine_calls_live") == 0
    assert b"voice_engine_calls_live 3.0" in first.render()
