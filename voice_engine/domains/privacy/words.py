"""Names and numbers of the domain."""

import datetime as dt

RETENTION = "privacy.retention"
"""The job, and its calendar entry."""

RETENTION_EVERY_S = 3_600

BATCH = 100
"""Calls that are emptied in one transaction: others write in between."""

TOMBSTONE = "erased"
"""What stands where a number or somebody's words stood. It is no number: nothing can be dialled by it."""

SETTLING = dt.timedelta(minutes=5)
"""After its end a call's recording may still be on its way into the blobs; until then the call is not touched."""
