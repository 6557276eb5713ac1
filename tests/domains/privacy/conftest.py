"""A call that was held and one that came in, a voicemail, a contact; files as the media process leaves them."""

import datetime as dt
from pathlib import Path

import pytest

from tests.fakes.calls import CallsRig, open_calls
from tests.fakes.privacy import PrivacyRig
from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.privacy.service import Privacy
from voice_engine.store.engine import Store

LATER = dt.timedelta(hours=1)


@pytest.fixture
async def calls(store: Store, tmp_path: Path) -> CallsRig:
    """An account on the Pro plan."""
    return await open_calls(store, tmp_path)


@pytest.fixture
def rig(calls: CallsRig, tmp_path: Path) -> PrivacyRig:
    """Nothing held yet."""
    files = CallFiles(calls=tmp_path / "calls", journal=tmp_path / "journal")
    return PrivacyRig(calls, files, Privacy(calls.store, calls.blobs, files, now=calls.clock))
