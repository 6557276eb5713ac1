"""Outgoing webhooks: endpoints, their log, one message."""

import json

from starlette.responses import Response

from voice_engine.domains.hooks.models import DeliveryState
from voice_engine.domains.hooks.service import MadeEndpoint, WantedEndpoint
from voice_engine.domains.hooks.words import EVENTS
from voice_engine.web.dashboard.settings.desk import desk_of, text_of
from voice_engine.web.dashboard.view import View

HOME = "/app/settings/webhooks"


async def show_webhooks(view: View) -> Response:
    """Every endpoint."""
    async with view.store.read(view.organization_id) as work:
        endpoints = await desk_of(view).hooks.list_endpoints(work)
    return view.page("settings/webhooks.html", endpoints=endpoints, events=EVENTS)


async def show_new_webhook(view: View) -> Response:
    """The form of a new endpoint."""
    return view.page("settings/webhook_new.html", events=EVENTS)


async def create_webhook(view: View) -> Response:
    """A new endpoint; its secret is shown on the answer, and nowhere else."""
    made = await desk_of(view).hooks.create(view.organization_id, await _wanted(view), actor=view.viewer.user_id)
    return _secret(view, made, "hook_made")


async def show_webhook(view: View) -> Response:
    """One endpoint with its log."""
    hooks, endpoint_id = desk_of(view).hooks, _id(view)
    asked = view.request.query_params
    state = DeliveryState(asked["state"]) if asked.get("state") in set(DeliveryState) else None
    page = int(asked["page"]) if asked.get("page", "").isdecimal() and len(asked["page"]) < 7 else 1
    async with view.store.read(view.organization_id) as work:
        endpoint = await hooks.get_endpoint(work, endpoint_id)
        deliveries, more = await hooks.list_deliveries(work, endpoint_id, state=state, page=page)
    return view.page(
        "settings/webhook.html",
        endpoint=endpoint,
        deliveries=deliveries,
        more=more,
        page=page,
        state=state,
        states=list(DeliveryState),
        events=EVENTS,
    )


async def change_webhook(view: View) -> Response:
    """Change where messages go, or which."""
    endpoint_id = _id(view)
    wanted = await _wanted(view)
    await desk_of(view).hooks.change(view.organization_id, endpoint_id, wanted, actor=view.viewer.user_id)
    return view.go(f"{HOME}/{endpoint_id}?done=hook_changed")


async def rotate_webhook(view: View) -> Response:
    """A new secret, shown on the answer, and nowhere else."""
    async with view.store.begin(view.organization_id) as work:
        made = await desk_of(view).hooks.rotate(work, _id(view), actor=view.viewer.user_id)
    return _secret(view, made, "hook_rotated")


async def switch_webhook(view: View) -> Response:
    """Switch an endpoint on or off."""
    endpoint_id, enabled = _id(view), await text_of(view, "enabled") == "yes"
    async with view.store.begin(view.organization_id) as work:
        await desk_of(view).hooks.set_enabled(work, endpoint_id, enabled=enabled, actor=view.viewer.user_id)
    return view.go(f"{HOME}/{endpoint_id}?done={'hook_on' if enabled else 'hook_off'}")


async def remove_webhook(view: View) -> Response:
    """Forget an endpoint and its log."""
    async with view.store.begin(view.organization_id) as work:
        await desk_of(view).hooks.remove(work, _id(view), actor=view.viewer.user_id)
    return view.go(f"{HOME}?done=hook_removed")


async def test_webhook(view: View) -> Response:
    """Send a test event, and show its message."""
    delivery = await desk_of(view).hooks.send_test(view.organization_id, _id(view), actor=view.viewer.user_id)
    return view.go(f"/app/settings/deliveries/{delivery.id}?done=hook_tested")


async def show_delivery(view: View) -> Response:
    """One message with its attempts."""
    hooks = desk_of(view).hooks
    async with view.store.read(view.organization_id) as work:
        delivery = await hooks.get_delivery(work, _id(view))
        endpoint = await hooks.get_endpoint(work, delivery.endpoint_id)
        attempts = await hooks.list_attempts(work, delivery.id)
    body = json.dumps(json.loads(delivery.body), ensure_ascii=False, indent=2)
    return view.page(
        "settings/delivery.html", delivery=delivery, endpoint=endpoint, attempts=attempts, body=body, tabs_at=HOME
    )


async def redeliver(view: View) -> Response:
    """Send a message once more."""
    delivery_id = _id(view)
    await desk_of(view).hooks.redeliver(view.organization_id, delivery_id, actor=view.viewer.user_id)
    return view.go(f"/app/settings/deliveries/{delivery_id}?done=hook_redelivered")


def _secret(view: View, made: MadeEndpoint, word: str) -> Response:
    return view.page(
        "settings/secret.html",
        word=word,
        secret=made.secret,
        title=made.endpoint.url,
        go=f"{HOME}/{made.endpoint.id}",
        tabs_at=HOME,
    )


async def _wanted(view: View) -> WantedEndpoint:
    form = await view.form()
    events = [event for event in form.getlist("events") if isinstance(event, str)]
    return WantedEndpoint(
        url=await text_of(view, "url"), events=events, description=await text_of(view, "description")
    )


def _id(view: View) -> str:
    return str(view.request.path_params["id"])
