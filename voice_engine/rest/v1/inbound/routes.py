"""Every operation on inbound calls, literal paths before those with ids."""

from fastapi import APIRouter

from voice_engine.rest.v1.inbound import calls, contacts, control, events, rules, stats, voicemails

INBOUND_ROUTERS: tuple[APIRouter, ...] = (
    stats.router,
    calls.router,
    control.router,
    rules.router,
    voicemails.router,
    contacts.router,
    events.router,
)
