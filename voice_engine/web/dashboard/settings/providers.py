"""An organization's own accounts at providers."""

from starlette.responses import Response

from voice_engine.domains.providerkeys.service import WantedAccount, host_of
from voice_engine.errors import NotFound
from voice_engine.ports.accounts import ProviderKind
from voice_engine.web.dashboard.settings.desk import desk_of, text_of
from voice_engine.web.dashboard.view import View

HOME = "/app/settings/providers"


async def show_providers(view: View) -> Response:
    """One card a kind: what is kept, without its key, and how the last test went."""
    desk = desk_of(view)
    async with view.store.read(view.organization_id) as work:
        rows = {row.kind: row for row in await desk.provider_keys.list_all(work)}
    return view.page(
        "settings/providers.html",
        kinds=[kind.value for kind in ProviderKind],
        rows=rows,
        hosts={kind: host_of(row) for kind, row in rows.items()},
        vendor=desk.vendor,
        models={kind.value: model for kind, model in desk.models.items()},
    )


async def save_provider(view: View) -> Response:
    """Keep an account."""
    kind = _kind(view)
    wanted = WantedAccount(
        kind=kind,
        model=await text_of(view, "model"),
        base_url=await text_of(view, "base_url") or None,
        api_key=await text_of(view, "api_key") or None,
        voice=await text_of(view, "voice") or None,
    )
    await desk_of(view).provider_keys.save(view.organization_id, wanted, actor=view.viewer.user_id)
    return view.go(f"{HOME}?done=provider_saved")


async def test_provider(view: View) -> Response:
    """Ask the provider for something small, and show what came of it on its card."""
    await desk_of(view).provider_keys.test(view.organization_id, _kind(view), actor=view.viewer.user_id)
    return await show_providers(view)


async def switch_provider(view: View) -> Response:
    """Have calls use the account, or not for now."""
    kind, enabled = _kind(view), await text_of(view, "enabled") == "yes"
    async with view.store.begin(view.organization_id) as work:
        await desk_of(view).provider_keys.set_enabled(work, kind, enabled=enabled, actor=view.viewer.user_id)
    return view.go(f"{HOME}?done={'provider_on' if enabled else 'provider_off'}")


async def remove_provider(view: View) -> Response:
    """Forget the account and its key."""
    kind = _kind(view)
    async with view.store.begin(view.organization_id) as work:
        await desk_of(view).provider_keys.remove(work, kind, actor=view.viewer.user_id)
    return view.go(f"{HOME}?done=provider_removed")


def _kind(view: View) -> ProviderKind:
    """The kind in the address. Raises NotFound `provider_key_not_found`."""
    try:
        return ProviderKind(view.request.path_params["kind"])
    except ValueError as error:
        raise NotFound("provider_key_not_found", "there is no such kind of provider") from error
