"""The table of the settings' pages."""

from voice_engine.web.dashboard.settings import account, audit, doctor, hooks, providers, tokens
from voice_engine.web.dashboard.settings.desk import NAME
from voice_engine.web.dashboard.settings.words.merged import WORDS
from voice_engine.web.dashboard.site import Area, MenuItem
from voice_engine.web.dashboard.view import Handler, route

HOME = "/app/settings"

GETS: dict[str, Handler] = {
    "/providers": providers.show_providers,
    "/webhooks": hooks.show_webhooks,
    "/webhooks/new": hooks.show_new_webhook,
    "/webhooks/{id}": hooks.show_webhook,
    "/deliveries/{id}": hooks.show_delivery,
    "/tokens": tokens.show_tokens,
    "/audit": audit.show_audit,
    "/audit.csv": audit.download_audit,
    "/doctor": doctor.show_doctor,
    "/doctor/findings": doctor.examine,
}
POSTS: dict[str, Handler] = {
    "/name": account.set_name,
    "/timezone": account.set_timezone,
    "/providers/{kind}": providers.save_provider,
    "/providers/{kind}/test": providers.test_provider,
    "/providers/{kind}/enabled": providers.switch_provider,
    "/providers/{kind}/remove": providers.remove_provider,
    "/webhooks": hooks.create_webhook,
    "/webhooks/{id}": hooks.change_webhook,
    "/webhooks/{id}/rotate": hooks.rotate_webhook,
    "/webhooks/{id}/enabled": hooks.switch_webhook,
    "/webhooks/{id}/remove": hooks.remove_webhook,
    "/webhooks/{id}/test": hooks.test_webhook,
    "/deliveries/{id}/redeliver": hooks.redeliver,
    "/tokens": tokens.create_token,
    "/tokens/{id}/revoke": tokens.revoke_token,
}

AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[
        route(HOME, account.show_account, area=NAME),
        *(route(f"{HOME}{path}", handler, area=NAME) for path, handler in GETS.items()),
        *(route(f"{HOME}{path}", handler, area=NAME, methods=["POST"]) for path, handler in POSTS.items()),
    ],
    menu=[MenuItem(path=HOME, word="nav_settings", icon="gear")],
)
