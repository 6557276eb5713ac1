"""Greedy decoders sometimes loop: where a token sequence that was cut off started to repeat itself."""


def without_repetition(ids: list[int], *, period: int = 4) -> list[int]:
    """The ids without a run at their end that repeats what stands before it, `period` or more ids long.

    For sequences that were stopped by their budget: the last round may be incomplete. Who ended in time may have
    heard a repeated sentence. A digit said three times repeats fewer ids than `period` and stays.
    """
    for length in range(period, len(ids)):
        at = len(ids)
        while at > length and ids[at - 1] == ids[at - 1 - length]:
            at -= 1
        if len(ids) - at >= period:
            return ids[:at]
    return ids
