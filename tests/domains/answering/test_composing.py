"""What the engine is told of a business's call, field by field."""

import datetime as dt
from typing import Any

import pytest

from tests.fakes.accounts import NOW
from tests.fakes.answering import HOURS
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.answering.composing import Occasion, Settings, compose
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.inbound.composing import Wishes
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.prompts.facts import facts_of
from voice_engine.ports.call import CallSpec, GreetingMode

CALLER = "+12125550199"
TRANSFER = "+16465550123"
TOOLS = [{"name": "transferCall", "origin": "transfer", "config": {"number": TRANSFER}}]


def composed(
    *,
    plan: Tier = Tier.PRO,
    wishes: Wishes | None = None,
    at: dt.datetime = NOW,
    other: str | None = CALLER,
    direction: Any = "inbound",
    organization: dict[str, Any] | None = None,
    assistant: dict[str, Any] | None = None,
    max_seconds: int = 900,
) -> CallSpec:
    house: dict[str, Any] = {
        "id": "o1",
        "name": "Bright Smile Dental",
        "timezone": "America/New_York",
        "locale": "en",
        "business_type": "dental_office",
        "business_address": "12 Main Street, Springfield",
        "business_hours": HOURS,
        "transfer_number": TRANSFER,
        **(organization or {}),
    }
    row: dict[str, Any] = {
        "id": "a1",
        "name": "Reception AI",
        "spoken_name": "Emma",
        "voice_id": "ve-james",
        "voice_name": "James",
        "first_message_mode": GreetingMode.ASSISTANT_FIRST,
        "first_message": None,
        "language": "en",
        "tools": TOOLS,
        **(assistant or {}),
    }
    business = Organization(**house)
    settings = Settings(
        organization=business,
        assistant=Assistant(**row),
        prompt="## Persona\nBe kind.",
        facts=facts_of(business),
        plan=plan,
    )
    occasion = Occasion(call_id="c1", direction=direction, at=at, other=other, max_seconds=max_seconds)
    return compose(settings, occasion, wishes)


def test_every_setting_reaches_the_engine() -> None:
    spec = composed()
    assistant = spec.assistant
    assert assistant is not None
    assert (assistant.name, assistant.business.name) == ("Emma", "Bright Smile Dental")
    assert (assistant.business.type, assistant.business.address) == ("dental office", "12 Main Street, Springfield")
    assert sorted(assistant.hours) == ["friday", "monday", "thursday", "tuesday", "wednesday"]
    assert assistant.transfer_targets == {"the front desk": TRANSFER}
    assert (spec.voice, spec.knowledge_scope, spec.caller_phone) == ("james", "a1", CALLER)
    assert spec.answered_at.isoformat() == "2026-02-13T10:30:00-05:00"
    assert spec.submission is None


def test_what_is_true_of_this_call_alone_follows_the_prompt() -> None:
    prompt = composed().prompt
    assert prompt is not None and prompt.startswith("## Persona\nBe kind.\n\n## This call\n")
    assert "It is Friday, 2026-02-13, 10:30 (America/New_York)." in prompt
    assert "The business is open now." in prompt
    assert f"The caller's number is {CALLER}." in prompt


def test_after_hours_a_withheld_number_and_spanish_are_told() -> None:
    late = composed(at=NOW + dt.timedelta(hours=12), other=None, assistant={"language": "es"})
    assert late.prompt is not None and late.language == "es"
    assert "El negocio está cerrado ahora." in late.prompt and "Quien llama oculta su número." in late.prompt


def test_without_hours_nobody_says_whether_it_is_open() -> None:
    prompt = composed(organization={"business_hours": None}).prompt
    assert prompt is not None and "open now" not in prompt and "closed now" not in prompt


@pytest.mark.parametrize(
    ("plan", "targets"),
    [
        (Tier.FREE, {}),
        (Tier.STARTER, {}),
        (Tier.ADVANCED, {"the front desk": TRANSFER}),
        (Tier.ENTERPRISE, {"the front desk": TRANSFER}),
    ],
)
def test_transfers_need_their_plan_though_the_setting_stays(plan: Tier, targets: dict[str, str]) -> None:
    assistant = composed(plan=plan).assistant
    assert assistant is not None and assistant.transfer_targets == targets


def test_without_the_tool_or_the_number_nobody_is_transferred() -> None:
    without_tool, without_number = (
        composed(assistant={"tools": []}),
        composed(organization={"transfer_number": None}),
    )
    for spec in (without_tool, without_number):
        assert spec.assistant is not None and spec.assistant.transfer_targets == {}


def test_an_own_greeting_is_said_word_for_word_and_discloses_the_machine() -> None:
    told = composed(assistant={"first_message": "Hi, Emma here, the AI of Bright Smile!"}).assistant
    silent = composed(assistant={"first_message": "Hi, Emma here!"}).assistant
    assert told is not None and told.greeting == "Hi, Emma here, the AI of Bright Smile!"
    assert silent is not None and silent.greeting == "Hi, Emma here! You're speaking with an AI assistant."


def test_whoever_calls_introduces_itself_unless_its_owner_wrote_how() -> None:
    called = composed(direction="outbound").assistant
    own = composed(direction="outbound", assistant={"first_message": "Your AI dentist calling."}).assistant
    assert called is not None and called.greeting is not None
    assert "Emma" in called.greeting and "calling" not in called.greeting
    assert own is not None and own.greeting == "Your AI dentist calling."


def test_a_rule_has_its_own_words_and_language() -> None:
    spec = composed(wishes=Wishes(greeting="Hola, soy una IA.", instructions="Sea breve.", language="es"))
    assert spec.language == "es" and spec.assistant is not None
    assert spec.assistant.greeting == "Hola, soy una IA."
    assert spec.prompt is not None and "\n\nSea breve.\n\n## Esta llamada" in spec.prompt


def test_the_minutes_left_bound_the_call() -> None:
    assert composed(max_seconds=120).limits.max_seconds == 120
    assert composed(max_seconds=10_000).limits.max_seconds == 900
