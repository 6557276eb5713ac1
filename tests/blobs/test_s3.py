"""The bucket that cannot be reached."""

import pytest

from voice_engine.blobs.s3 import S3Blobs, S3Settings
from voice_engine.errors import UpstreamFailed


async def test_a_bucket_out_of_reach_is_a_retryable_fault_that_names_no_secret() -> None:
    settings = S3Settings(
        bucket="b", endpoint="http://127.0.0.1:1", access_key_id="AKIA", secret_access_key="hidden"
    )

    with pytest.raises(UpstreamFailed) as refused:
        await S3Blobs(settings, retry_s=0).find("a")

    assert (refused.value.code, refused.value.retryable) == ("blobs_unavailable", True)
    assert "hidden" not in str(refused.value)
