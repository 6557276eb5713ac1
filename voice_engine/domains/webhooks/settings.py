"""Numbers of the webhooks domain."""

import datetime as dt

PROVIDER = "vapi"

KEPT = dt.timedelta(days=30)
"""How long a message is remembered: its sender repeats within seconds, if at all."""

REPORT_WAIT = dt.timedelta(hours=1)
"""After its end a call waits so long for its report, which comes once the call is analysed: within minutes."""

LONGEST_CALL = dt.timedelta(hours=13)
"""A call that has not ended after this never will: the other engine cuts calls at twelve hours (43 200 s)."""

TOOL_WAIT_S = 10.0
"""What one tool may take."""

ASSISTANT_WAIT_S = 6.0
"""The carrier gives an `assistant-request` 7.5 seconds from the first ring on, the way here and back included."""

TRIES = 3
"""How often a message is tried to be written while the database is busy."""

CLOSE = "webhooks.close"
"""The job that ends a call whose engine went silent, and settles one whose report never came."""

FORGET = "webhooks.forget"
FORGET_EVERY_S = 3_600
