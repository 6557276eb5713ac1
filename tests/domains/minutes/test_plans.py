"""One comparison for every gate."""

import pytest

from tests.fakes.api import contract
from voice_engine.domains.minutes.plans import LEAST, TIERS, Feature, Tier, has, includes


def test_the_tiers_are_the_contracts_in_their_order() -> None:
    assert [tier.value for tier in Tier] == contract("api")["components"]["schemas"]["PlanTier"]["enum"]


def test_every_plan_includes_itself_and_all_below() -> None:
    order = list(Tier)
    for rank, plan in enumerate(order):
        assert [includes(plan, least) for least in order] == [True] * (rank + 1) + [False] * (len(order) - rank - 1)


def test_a_larger_plan_never_gives_less() -> None:
    plans = [TIERS[tier] for tier in Tier]

    assert [plan.minutes for plan in plans] == sorted(plan.minutes for plan in plans)
    assert [plan.assistants for plan in plans] == sorted(plan.assistants for plan in plans)
    assert (TIERS[Tier.PRO].minutes, TIERS[Tier.PRO].overage_cents) == (500, 30)


@pytest.mark.parametrize("feature", list(Feature))
def test_a_feature_begins_where_its_tier_does(feature: Feature) -> None:
    assert [tier for tier in Tier if has(tier, feature)] == [
        tier for tier in Tier if includes(tier, LEAST[feature])
    ]
    assert not has(Tier.FREE, feature)


def test_features_that_an_operation_gates_agree_with_it() -> None:
    gates = {
        Feature.VOICE: ("/api/voice", "put"),
        Feature.PROMPT: ("/api/prompt", "put"),
        Feature.KNOWLEDGE_BASE: ("/api/kb", "put"),
        Feature.TRANSFER: ("/api/transfer-number", "put"),
        Feature.ASSISTANT_NAME: ("/api/assistant-name", "put"),
        Feature.OUTBOUND: ("/api/calls/outbound", "post"),
        Feature.BROWSER_CALLING: ("/api/calls/browser-token", "get"),
        Feature.RECORDINGS: ("/api/calls/{id}/recording", "get"),
        Feature.SMS: ("/api/sms/send", "post"),
        Feature.EMBED: ("/api/embed-token", "post"),
        Feature.CALENDAR: ("/api/calendar/connect", "post"),
    }
    paths = contract("api")["paths"]

    assert {each: LEAST[each].value for each in gates} == {
        each: paths[path][method]["x-min-plan"] for each, (path, method) in gates.items()
    }
