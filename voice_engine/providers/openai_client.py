"""The `openai` client as the speech adapters use it: no retries of its own, its errors as ours."""

from collections.abc import Generator
from contextlib import contextmanager

import httpx2
import openai
from websockets.exceptions import InvalidStatus, WebSocketException

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.providers.speech import OpenAISpeechSettings

PROVIDER = "openai"


def make_client(settings: OpenAISpeechSettings) -> openai.AsyncOpenAI:
    """A client for the configured endpoint.

    Raises:
        InvalidInput: `provider_key_missing`. An endpoint of one's own may do without a key.
    """
    if settings.api_key is None and settings.base_url is None:
        raise InvalidInput(
            "provider_key_missing",
            "OpenAI speech needs VOICE_ENGINE_OPENAI__API_KEY, or VOICE_ENGINE_OPENAI__BASE_URL of an endpoint "
            "without a key.",
        )
    return openai.AsyncOpenAI(
        api_key=settings.api_key or "none",
        base_url=settings.base_url or "https://api.openai.com/v1",
        max_retries=0,
        timeout=settings.timeout_s,
    )


@contextmanager
def upstream_errors() -> Generator[None, None, None]:
    """Turn whatever the client and its transports raise into UpstreamFailed with a stable code."""
    try:
        yield
    except openai.APIStatusError as error:
        raise by_status(error.status_code) from error
    except (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError) as error:
        raise failed("provider_stalled", "OpenAI gave no answer in time.") from error
    except InvalidStatus as error:
        raise by_status(error.response.status_code) from error
    except (openai.APIError, httpx2.HTTPError, WebSocketException, OSError) as error:
        raise failed("provider_unreachable", f"The connection to OpenAI broke: {type(error).__name__}.") from error


def by_status(status: int) -> UpstreamFailed:
    """The error for an HTTP status; 429 and 5xx may succeed later."""
    match status:
        case 401 | 403:
            return failed("provider_refused", f"OpenAI refused the key ({status}).", retryable=False)
        case 429:
            return failed(
                "provider_rate_limited", "OpenAI limits the rate or the account's quota is used up (429)."
            )
        case _:
            return failed("provider_failed", f"OpenAI answered {status}.", retryable=status >= 500)


def failed(code: str, message: str, *, retryable: bool = True) -> UpstreamFailed:
    """An UpstreamFailed of this provider."""
    return UpstreamFailed(code, message, provider=PROVIDER, retryable=retryable)
