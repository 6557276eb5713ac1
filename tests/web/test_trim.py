"""Memory goes back to the system when the last call has ended, once."""

from voice_engine.web.trim import IdleTrim, find_release


def test_memory_is_released_once_after_the_last_call() -> None:
    kept: list[int] = []

    def release(keep_bytes: int) -> int:
        kept.append(keep_bytes)
        return 1

    trim = IdleTrim(release)

    counts = []
    for live in (0, 1, 2, 1, 0, 0, 1, 0):
        trim.step(live)
        counts.append(len(kept))

    assert counts == [0, 0, 0, 0, 1, 1, 1, 2]
    assert kept == [0, 0]


def test_the_c_library_says_whether_it_released_anything() -> None:
    assert find_release()(0) in {0, 1}
