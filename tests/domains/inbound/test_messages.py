"""Voicemails as their owner keeps them: heard, not heard, deleted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.inbound import InboundRig, new_sid, open_mailbox
from voice_engine.domains.inbound.models import Voicemail
from voice_engine.errors import NotFound
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """One account whose callers leave messages."""
    return await open_mailbox(store, tmp_path)


async def leave(rig: InboundRig) -> str:
    """A message; its id."""
    sid = new_sid()
    await rig.ring(sid=sid)
    call = (await rig.record(sid)).call
    key = f"{call.organization_id}/voicemails/{call.id}.wav"

    async def audio() -> AsyncIterator[bytes]:
        yield b"RIFF"

    await rig.calls.blobs.put(key, audio())
    message = Voicemail(
        id=new_id(),
        call_id=call.id,
        recording_sid=f"RE{call.id}",
        blob_key=key,
        caller_number=call.from_number,
        duration_ms=4_000,
        created_at=rig.calls.now,
    )
    async with rig.store.begin(rig.account.organization_id) as work:
        work.session.add(message)
    return message.id


async def test_a_message_is_heard_and_put_back(rig: InboundRig) -> None:
    message, service = await leave(rig), rig.domain.voicemails
    async with rig.store.begin(rig.account.organization_id) as work:
        before = await service.count_unread(work)
        heard = (await service.mark(work, message, is_read=True)).is_read
        after = await service.count_unread(work)
        again = (await service.mark(work, message, is_read=False)).is_read

    assert (before, heard, after, again) == (1, True, 0, False)


async def test_a_deleted_message_leaves_its_call_and_no_audio(rig: InboundRig) -> None:
    message, other = await leave(rig), await leave(rig)
    organization_id = rig.account.organization_id
    async with rig.store.read(organization_id) as work:
        gone = (await rig.domain.voicemails.get(work, message)).blob_key
    assert gone is not None and await rig.calls.blobs.find(gone) is not None

    await rig.domain.forgetting.forget_voicemail(organization_id, message, actor="ada")

    async with rig.store.read(organization_id) as work:
        left = await rig.domain.voicemails.list_page(work, unread=False, limit=9, offset=0)
        assert [one.id for one in left.voicemails] == [other]
        call = await rig.domain.service.get(work, left.voicemails[0].call_id)
        assert call.voicemail_id == other
    key = left.voicemails[0].blob_key
    assert key is not None and await rig.calls.blobs.find(key) is not None
    assert await rig.calls.blobs.find(gone) is None
    with pytest.raises(NotFound):
        await rig.domain.forgetting.forget_voicemail(organization_id, message, actor="ada")


async def test_nobody_elses_message_is_touched(rig: InboundRig) -> None:
    message, bob = await leave(rig), await add_account(rig.store, "Bob")

    with pytest.raises(NotFound):
        await rig.domain.forgetting.forget_voicemail(bob.organization_id, message, actor="bob")
    async with rig.store.begin(bob.organization_id) as work:
        with pytest.raises(NotFound):
            await rig.domain.voicemails.mark(work, message, is_read=True)
