"""What routing rules look like on the wire of `/v1`. Conditions that nobody knows are refused, never ignored."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt, model_validator

from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.domains.inbound.rules import NewRule
from voice_engine.rest.wire import RequestBody, ResponseBody, Text, Timestamp

Action = Literal["ai_answer", "transfer", "voicemail", "reject"]
Name = Annotated[Text, Field(min_length=1, max_length=100)]
Priority = Annotated[StrictInt, Field(ge=0, le=1000)]
Clock = Annotated[Text, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
E164 = Annotated[Text, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
Id = Annotated[Text, Field(pattern=r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Weekday = Annotated[StrictInt, Field(ge=1, le=7)]

MOST_NAMED = 500


class _Named(RequestBody):
    """A body whose left-out keys mean nothing: naming one with null is a mistake, not a way to leave it out."""

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, given: Any) -> Any:  # any JSON
        if isinstance(given, dict):
            nulls = [str(key) for key, value in given.items() if value is None and key in cls.model_fields]
            if nulls:
                raise ValueError(f"may not be null: leave {nulls[0]} out")
        return given


class TimeRangeIn(_Named):
    """A span of the clock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Clock
    end: Clock
    timezone: Text | None = None


class ConditionsIn(_Named):
    """All that are named must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    caller_vip: StrictBool | None = None
    caller_known: StrictBool | None = None
    caller_numbers: Annotated[list[E164], Field(max_length=MOST_NAMED)] | None = None
    caller_prefixes: Annotated[list[Text], Field(max_length=MOST_NAMED)] | None = None
    caller_countries: Annotated[list[Text], Field(max_length=MOST_NAMED)] | None = None
    caller_anonymous: StrictBool | None = None
    called_number_ids: Annotated[list[Id], Field(max_length=MOST_NAMED)] | None = None
    time_range: TimeRangeIn | None = None
    days_of_week: Annotated[list[Weekday], Field(max_length=MOST_NAMED)] | None = None
    min_recent_calls: Annotated[StrictInt, Field(ge=0, le=1_000_000)] | None = None


class ActionConfigIn(_Named):
    """How an action is done. `target` is judged by the number checks."""

    target: Text | None = None
    greeting: Annotated[Text, Field(max_length=1000)] | None = None
    reason: Annotated[Text, Field(max_length=64)] | None = None
    instructions: Annotated[Text, Field(max_length=2000)] | None = None
    language: Literal["en", "es"] | None = None
    ring_seconds: Annotated[StrictInt, Field(ge=5, le=60)] | None = None


class RuleIn(_Named):
    """A new rule."""

    name: Name
    action: Action
    priority: Priority = 0
    is_active: StrictBool = True
    conditions: ConditionsIn = ConditionsIn()
    action_config: ActionConfigIn = ActionConfigIn()


class RuleChangeIn(_Named):
    """Any subset of a rule; what is left out stays."""

    name: Name | None = None
    action: Action | None = None
    priority: Priority | None = None
    is_active: StrictBool | None = None
    conditions: ConditionsIn | None = None
    action_config: ActionConfigIn | None = None


class RuleOut(ResponseBody):
    """A stored rule."""

    id: str
    name: str
    priority: int
    is_active: bool
    conditions: dict[str, Any]
    action: str
    action_config: dict[str, Any]
    match_count: int
    last_matched_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class RulesOut(ResponseBody):
    """Every rule, in the order in which they are asked."""

    rules: list[RuleOut]
    total: int


def new_rule(body: RuleIn) -> NewRule:
    """The rule for the service."""
    return NewRule(
        name=body.name,
        action=body.action,
        priority=body.priority,
        is_active=body.is_active,
        conditions=_given(body.conditions),
        action_config=_given(body.action_config),
    )


def rule_changes(body: RuleChangeIn) -> dict[str, Any]:
    """What is to be changed, by column."""
    return _given(body)


def rule_out(rule: RoutingRule) -> RuleOut:
    """The wire's view of a rule."""
    return RuleOut(
        id=rule.id,
        name=rule.name,
        priority=rule.priority,
        is_active=rule.is_active,
        conditions=rule.conditions,
        action=rule.action,
        action_config=rule.action_config,
        match_count=rule.match_count,
        last_matched_at=rule.last_matched_at,
        created_at=rule.created_at,
        updated_at=rule.updated_at,
    )


def _given(body: RequestBody) -> dict[str, Any]:
    """What was named, at every depth."""
    return body.model_dump(mode="json", exclude_unset=True)
