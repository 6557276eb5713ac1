"""The way in, step by step: each fault says what to do about it."""

import datetime as dt
from dataclasses import replace

import pytest

from voice_engine.bootstrap.checks.reach import _mend_webhook, judge_clock, media_socket, proxy, reach, webhook
from voice_engine.web.settings import WebSettings

NOW = dt.datetime(2026, 2, 13, tzinfo=dt.UTC)
NOBODY = WebSettings(public_url="http://127.0.0.1:9", auth_token="t" * 32)


async def test_a_step_that_fails_ends_the_walk() -> None:
    """Without a certificate nothing after it can work, and each would look like a fault of its own."""
    web = WebSettings(public_url="https://127.0.0.1:9", auth_token="t" * 32)

    found = await reach(web, "AC1", now=NOW, outside=True)

    assert [(finding.subject, finding.verdict) for finding in found] == [
        ("address", "ok"),
        ("certificate", "problem"),
    ]


async def test_a_server_that_is_not_there_is_a_problem_of_both_steps() -> None:
    assert (await webhook(NOBODY, "AC1")).verdict == "problem"
    assert (await media_socket(NOBODY, outside=False)).verdict == "problem"


@pytest.mark.parametrize(
    ("status", "word"), [(403, "signature"), (301, "redirects"), (502, "does not reach"), (404, "another program")]
)
def test_each_answer_has_its_own_cure(status: int, word: str) -> None:
    assert word in _mend_webhook(status)


def test_a_clock_may_be_off_by_a_second_and_not_by_a_minute() -> None:
    assert judge_clock(skew_s=1.4, host="h").verdict == "ok"
    assert "ahead of" in judge_clock(skew_s=60, host="h").detail
    assert "behind" in judge_clock(skew_s=-60, host="h").detail


def test_a_proxy_that_nobody_named_is_told_of() -> None:
    """Every caller would count as one address, and a busy one would lock out all."""
    assert proxy(NOBODY).verdict == "warning"
    assert proxy(replace(NOBODY, trusted_proxies="127.0.0.1")).verdict == "ok"
