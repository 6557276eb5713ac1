"""What processes that hold calls are called: their worker's name, by which sockets reach them, and a word.

The word tells a worker that was started anew from the one before, whose calls are lost.
"""

import secrets


def name_of(worker: str) -> str:
    """A name for a process that begins now."""
    return f"{worker}-{secrets.token_hex(3)}"


def worker_of(owner: str) -> str:
    """The worker of a process: the part of socket paths that leads there."""
    worker, _, _word = owner.rpartition("-")
    return worker or owner
