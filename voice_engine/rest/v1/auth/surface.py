"""Every route of sign-in, in the order in which they are tried."""

from fastapi import APIRouter

from voice_engine.rest.v1.auth import issuer_routes, page_routes, routes, sign_in_routes

AUTH_ROUTERS: tuple[APIRouter, ...] = (
    routes.router,
    page_routes.router,
    sign_in_routes.router,
    issuer_routes.router,
)
"""Literal paths before `/v1/auth/{issuer}/…`."""
