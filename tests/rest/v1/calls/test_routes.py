"""The nine operations on calls, against their contract."""

from tests.fakes.calls import CALLEE, body
from tests.rest.v1.calls.conftest import SCOPES, Surface

OPERATIONS = (
    ("POST", "/v1/calls", "calls:write"),
    ("GET", "/v1/calls", "calls:read"),
    ("GET", "/v1/calls/{id}", "calls:read"),
    ("GET", "/v1/calls/{id}/transcript", "transcripts:read"),
    ("GET", "/v1/calls/{id}/recording", "recordings:read"),
    ("GET", "/v1/calls/{id}/calendar.ics", "calls:read"),
    ("POST", "/v1/calls/{id}/cancel", "calls:write"),
    ("POST", "/v1/calls/{id}/reschedule", "calls:write"),
    ("POST", "/v1/calls/{id}/stop", "calls:write"),
)
OF_ONE = tuple((method, path) for method, path, _ in OPERATIONS if "{id}" in path)


async def test_a_call_is_placed_and_read(surface: Surface) -> None:
    """POST answers with the call as it stands, GET with the same."""
    made = await surface.api.post("/v1/calls", json=body())

    call = made.json()
    read = await surface.api.get(f"/v1/calls/{call['call_id']}")
    assert made.status_code == 201
    assert (call["status"], call["credits_used"], call["duration_seconds"]) == ("queued", 0, None)
    assert call["submission"]["respondent_phone"] == CALLEE
    assert call["submission"]["call_language"] == "en"
    assert call["metadata"]["timezone"] == "America/New_York"
    assert read.json() == call
    assert len(SCOPES) == 4
