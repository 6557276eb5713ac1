"""What is asked for: a page of calls, and a new call up to its row in the queue."""

from benchmarks.api.client import Connection


async def list_calls(connection: Connection) -> tuple[int, bytes]:
    """Fifty of ten thousand."""
    return await connection.request("GET", "/v1/calls?limit=50")


async def read_balance(connection: Connection) -> tuple[int, bytes]:
    """What is left."""
    return await connection.request("GET", "/v1/credits/balance")


async def post_call(connection: Connection) -> tuple[int, bytes]:
    """Checked, held for and queued; nobody dials."""
    submission = {
        "task_category": "restaurant",
        "task_description": "Reserve a table for 4 at 8pm",
        "respondent_phone": "+14155551234",
        "business_name": "Nobu",
        "user_name": "Ada",
        "is_urgent": True,
    }
    body = {"submission": submission, "timezone": "America/New_York"}
    return await connection.request("POST", "/v1/calls", body, {"Prefer": "respond-async"})
