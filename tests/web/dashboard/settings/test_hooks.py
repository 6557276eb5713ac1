"""Webhooks by their pages."""

import re

from tests.fakes.business import add_business
from tests.fakes.receiver import receiver
from tests.web.dashboard.settings.conftest import Rig

HOME = "/app/settings/webhooks"


async def test_a_webhook_is_made_tried_changed_and_deleted(rig: Rig) -> None:
    async with receiver() as there, rig.tab() as tab:
        form = {"url": there.url, "description": "back office", "events": ["call.ended", "booking.made"]}
        made = await tab.post(HOME, form)
        secret = re.search(r"whsec_[\w+/=]+", made.text)
        (endpoint,) = await endpoints(rig)
        page = await tab.get(f"{HOME}/{endpoint}")
        tested = await tab.post(f"{HOME}/{endpoint}/test")
        await rig.hooks.jobs.run_due()
        message = await tab.get(tested.headers["hx-redirect"])
        again = await tab.post(tested.headers["hx-redirect"].split("?")[0] + "/redeliver")
        await rig.hooks.jobs.run_due()
        twice = await tab.get(again.headers["hx-redirect"])
        rotated = await tab.post(f"{HOME}/{endpoint}/rotate")
        await tab.post(f"{HOME}/{endpoint}", {**form, "events": ["voicemail.received"], "description": ""})
        await tab.post(f"{HOME}/{endpoint}/enabled", {"enabled": "no"})
        listed = await tab.get(HOME)
        await tab.post(f"{HOME}/{endpoint}/remove")
        gone = await tab.get(HOME)

    assert secret is not None
    assert secret[0] not in page
    assert re.search(r"whsec_[\w+/=]+", rotated.text) != secret
    assert "by hand" in message
    assert twice.count("<li value=") == 2
    assert "A voicemail was left" in listed
    assert ">Off<" in listed
    assert "No webhook yet" in gone


async def test_a_webhook_without_events_or_with_a_bad_address_is_refused_in_words(rig: Rig) -> None:
    async with rig.tab() as tab:
        nothing = await tab.post(HOME, {"url": "http://127.0.0.1:1/x"})
        metadata = await tab.post(HOME, {"url": "http://169.254.169.254/", "events": ["call.ended"]})

    assert 'data-code="events_invalid"' in nothing.text
    assert "Choose at least one event." in nothing.text
    assert 'data-code="address_refused"' in metadata.text


async def test_anothers_webhooks_and_messages_are_not_there(rig: Rig) -> None:
    other = await add_business(rig.store, name="Other")
    made = await rig.hooks.endpoint(other.organization_id, "http://127.0.0.1:1/x")
    message = await rig.hooks.service.send_test(other.organization_id, made.endpoint.id, actor="t")
    async with rig.tab() as tab:
        for path in (f"webhooks/{made.endpoint.id}", f"deliveries/{message.id}", "webhooks/no-id", "deliveries/x"):
            await tab.get(f"/app/settings/{path}", status=404)
        for path in ("", "/test", "/rotate", "/enabled", "/remove"):
            form = {"url": "http://127.0.0.1:1/x", "events": ["call.ended"]}
            assert (await tab.post(f"{HOME}/{made.endpoint.id}{path}", form)).status_code == 404, path
        assert (await tab.post(f"/app/settings/deliveries/{message.id}/redeliver")).status_code == 404


async def endpoints(rig: Rig) -> list[str]:
    async with rig.store.read(rig.business.organization_id) as work:
        return [endpoint.id for endpoint in await rig.hooks.service.list_endpoints(work)]
