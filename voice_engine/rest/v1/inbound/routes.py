"""Every operation on inbound calls, literal paths before those with ids."""

from fastapi import APIRouter

from voice_engine.rest.v1.inbound import calls, rules

INBOUND_ROUTERS: tuple[APIRouter, ...] = (calls.router, rules.router)
