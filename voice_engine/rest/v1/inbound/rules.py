"""The operations on routing rules."""

from fastapi import Request, Response

from voice_engine.rest.security import Caller
from voice_engine.rest.v1.inbound.reach import surface_of
from voice_engine.rest.v1.inbound.rule_schemas import (
    RuleChangeIn,
    RuleIn,
    RuleOut,
    RulesOut,
    new_rule,
    rule_changes,
    rule_out,
)
from voice_engine.rest.v1.router import operation, services_of, v1_router

router = v1_router("Inbound")


@router.get("/v1/inbound/rules", openapi_extra=operation("calls:read"))
async def list_routing_rules(caller: Caller, request: Request) -> RulesOut:
    """The rules, in the order in which they are asked."""
    async with services_of(request).store.read(caller.organization_id) as work:
        rules = await surface_of(request).domain.rules.list_all(work)
        return RulesOut(rules=[rule_out(rule) for rule in rules], total=len(rules))


@router.post("/v1/inbound/rules", status_code=201, openapi_extra=operation("calls:write"))
async def create_routing_rule(body: RuleIn, caller: Caller, request: Request) -> RuleOut:
    """Keep a rule; the next call obeys it."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        return rule_out(await surface_of(request).domain.rules.create(work, new_rule(body)))


@router.put("/v1/inbound/rules/{rule_id}", openapi_extra=operation("calls:write"))
async def update_routing_rule(rule_id: str, body: RuleChangeIn, caller: Caller, request: Request) -> RuleOut:
    """Change the fields that are named."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        return rule_out(await surface_of(request).domain.rules.update(work, rule_id, rule_changes(body)))


@router.delete("/v1/inbound/rules/{rule_id}", status_code=204, openapi_extra=operation("calls:write"))
async def delete_routing_rule(rule_id: str, caller: Caller, request: Request) -> Response:
    """Forget a rule."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        await surface_of(request).domain.rules.delete(work, rule_id)
    return Response(status_code=204)
