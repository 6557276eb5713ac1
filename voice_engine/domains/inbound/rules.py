"""Routing rules: kept, changed, and asked for each call that comes in."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers

from voice_engine.domains.inbound.conditions import Conditions, Situation, holds, read_conditions
from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.domains.inbound.repository import rules
from voice_engine.domains.inbound.selection import invalid
from voice_engine.domains.inbound.targets import TargetGate
from voice_engine.domains.numbers.repository import find_by_e164
from voice_engine.errors import Conflict, NotFound
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.uow import UnitOfWork

TRANSFER = "transfer"

MOST_RULES = 200
"""All active rules are read for each call."""

MOST_PRIORITY = 1000
"""The wire's largest."""

SPACING = 10
"""Between the priorities of rules that were put in order by hand, so that one made by number fits in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """A rule as asked for. `conditions` and `action_config` have the wire's keys and types."""

    name: str
    action: str
    priority: int = 0
    is_active: bool = True
    conditions: Mapping[str, Any] = field(default_factory=dict)
    action_config: Mapping[str, Any] = field(default_factory=dict)


class RuleService:
    """`now` is the wall clock, in UTC."""

    def __init__(self, targets: TargetGate, *, now: Callable[[], dt.datetime]) -> None:
        self._targets = targets
        self._now = now

    async def list_all(self, work: UnitOfWork) -> Sequence[RoutingRule]:
        """The organization's rules, in the order in which they are asked."""
        return await rules.list_all(work)

    async def get(self, work: UnitOfWork, rule_id: str) -> RoutingRule:
        """A rule. Raises NotFound `rule_not_found`, also for what is no id."""
        rule = await rules.find(work, rule_id) if is_id(rule_id) else None
        if rule is None:
            raise _no_rule()
        return rule

    async def reorder(self, work: UnitOfWork, rule_ids: Sequence[str]) -> Sequence[RoutingRule]:
        """Ask the rules in this order from the next call on; priorities are given anew, evenly apart.

        Raises:
            Conflict: `rules_changed`: these are not the organization's rules, each once. Nothing is changed.
        """
        known = {rule.id: rule for rule in await rules.lock_all(work)}
        if len(rule_ids) != len(known) or set(rule_ids) != known.keys():
            raise Conflict("rules_changed", "the rules have changed meanwhile; load them again")
        step = max(1, min(SPACING, MOST_PRIORITY // max(1, len(rule_ids))))
        for place, rule_id in enumerate(reversed(rule_ids), start=1):
            rule, priority = known[rule_id], place * step
            if rule.priority != priority:
                rule.priority, rule.updated_at = priority, self._now()
        await work.session.flush()
        return await rules.list_all(work)

    async def create(self, work: UnitOfWork, new: NewRule) -> RoutingRule:
        """Keep a rule; the next call obeys it.

        Raises:
            InvalidInput: `validation_error`, `emergency_number`, `invalid_phone_number`, `toll_number`.
            NotAllowed: `unsupported_country`, `country_restriction`, `blocked_number`, `plan_upgrade_required`.
        """
        if len(await rules.list_all(work)) >= MOST_RULES:
            raise invalid("name", f"cannot be kept: there are {MOST_RULES} rules already; delete one first")
        now = self._now()
        rule = RoutingRule(
            id=new_id(),
            name=new.name,
            priority=new.priority,
            is_active=new.is_active,
            conditions=check_conditions(new.conditions),
            action=new.action,
            action_config=await self._check_config(work, new.action, new.action_config),
            match_count=0,
            last_matched_at=None,
            created_at=now,
            updated_at=now,
        )
        await rules.add(work, rule)
        return rule

    async def update(self, work: UnitOfWork, rule_id: str, changes: Mapping[str, Any]) -> RoutingRule:
        """Change the fields of a rule that are named; calls that rang before keep what was decided.

        Raises:
            NotFound: `rule_not_found`.
            InvalidInput, NotAllowed: as `create`.
        """
        await self._targets.reach(work)  # its lock comes before a rule's, as it does for a call that rings
        rule = await self._get(work, rule_id)
        if "conditions" in changes:
            rule.conditions = check_conditions(changes["conditions"])
        if "action" in changes or "action_config" in changes:
            action = changes.get("action", rule.action)
            config = changes.get("action_config", rule.action_config)
            rule.action, rule.action_config = action, await self._check_config(work, action, config)
        for column in ("name", "priority", "is_active"):
            if column in changes:
                setattr(rule, column, changes[column])
        rule.updated_at = self._now()
        await work.session.flush()
        return rule

    async def delete(self, work: UnitOfWork, rule_id: str) -> None:
        """Forget a rule. Raises NotFound `rule_not_found`."""
        if not is_id(rule_id) or not await rules.delete(work, rule_id):
            raise _no_rule()

    async def _get(self, work: UnitOfWork, rule_id: str) -> RoutingRule:
        rule = await rules.find(work, rule_id, lock=True) if is_id(rule_id) else None
        if rule is None:
            raise _no_rule()
        return rule

    async def _check_config(self, work: UnitOfWork, action: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """The action's settings, its target checked and written as E.164."""
        target = config.get("target")
        if target is None or not str(target).strip():
            if action == TRANSFER:
                raise invalid("action_config.target", "is needed to transfer: the number to ring")
            return {key: value for key, value in config.items() if key != "target"}
        e164 = await self._targets.check_rule(work, str(target))
        if await find_by_e164(work, e164) is not None:
            raise invalid("action_config.target", "is one of your own numbers here: the call would go in a circle")
        return {**config, "target": e164}


def pick(candidates: Sequence[RoutingRule], call: Situation) -> RoutingRule | None:
    """The first of the rules, in their order, whose conditions all hold; None: no rule takes the call."""
    return next((rule for rule in candidates if holds(read_conditions(rule.conditions), call)), None)


async def unbind_number(work: UnitOfWork, number_id: str) -> None:
    """A number is given back: no rule names it any more. One that named no other is switched off, since without the
    condition it would take calls to every number."""
    for rule in await rules.list_all(work):
        named = rule.conditions.get("called_number_ids")
        if named is None or number_id not in named:
            continue
        left = [one for one in named if one != number_id]
        rule.conditions = {**rule.conditions, "called_number_ids": left}
        rule.is_active = rule.is_active and bool(left)
    await work.session.flush()


async def count_for_number(work: UnitOfWork, number_id: str) -> int:
    """How many active rules may take calls to this number."""
    named = [rule.conditions.get("called_number_ids") for rule in await rules.list_all(work, only_active=True)]
    return sum(ids is None or number_id in ids for ids in named)


def counts_calls(candidates: Sequence[RoutingRule]) -> bool:
    """Whether one of these rules asks how often somebody called."""
    return any("min_recent_calls" in rule.conditions for rule in candidates)


def check_conditions(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions of the wire's shape as they are stored: prefixes with a plus sign, countries known, zones real.

    Raises:
        InvalidInput: `validation_error`: unknown key, or a value that means nothing.
    """
    unknown = set(conditions) - set(Conditions.__slots__)
    if unknown:
        raise invalid(f"conditions.{min(unknown)}", "is no condition that calls are judged by")
    checked = dict(conditions)
    if "caller_prefixes" in checked:
        checked["caller_prefixes"] = [_prefix(text) for text in checked["caller_prefixes"]]
    if "caller_countries" in checked:
        checked["caller_countries"] = [_country(text) for text in checked["caller_countries"]]
    zone = (checked.get("time_range") or {}).get("timezone")
    if zone is not None and not _is_zone(zone):
        raise invalid("conditions.time_range.timezone", "must be an IANA name such as America/New_York")
    return checked


def _prefix(text: str) -> str:
    digits = "".join(each for each in text if each not in " ()-./")
    plain = digits.removeprefix("+")
    if not plain.isascii() or not plain.isdigit() or plain.startswith("0") or len(plain) > 15:
        raise invalid("conditions.caller_prefixes", f"has {text[:20]!r}, which no number begins with; try +1415")
    return f"+{plain}"


def _country(text: str) -> str:
    code = text.strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise invalid("conditions.caller_countries", f"has {text[:20]!r}; write two letters such as US")
    return code


def _is_zone(name: str) -> bool:
    if not name or "\0" in name or len(name) > 64:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _no_rule() -> NotFound:
    return NotFound("rule_not_found", "there is no such rule")
