"""Greedy decoders sometimes loop: where a token sequence starts to repeat itself."""


def without_repetition(ids: list[int], *, period: int = 4, cut_off: bool = False) -> list[int]:
    """The ids without a run at their end that repeats what stands before it, `period` or more ids at a time.

    `cut_off`: generation was stopped by its budget, so the last repetition may be incomplete.
    A caller who says a digit three times repeats fewer ids than `period`, so this leaves it alone.
    """
    for length in range(period, len(ids)):
        at = len(ids)
        while at > length and ids[at - 1] == ids[at - 1 - length]:
            at -= 1
        if len(ids) - at >= (period if cut_off else length):
            return ids[:at]
    return ids
