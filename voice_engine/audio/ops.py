"""The one door to `audioop`'s C loops: the standard library's up to Python 3.12, `audioop-lts` after.

Everything here takes and gives raw bytes: int16 mono, native (little-endian) order.
"""

import sys
import warnings
from collections.abc import Callable

assert sys.byteorder == "little", "wire formats (WAV, sockets) are little-endian and so is every byte string here"

with warnings.catch_warnings():
    # Python 3.11 and 3.12 announce the removal on import; the dependency marker in pyproject.toml answers it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

rms: Callable[[bytes, int], int] = audioop.rms
"""`rms(pcm, 2)`: root mean square of int16 samples, 0 to 32768, rounded down."""

lin2ulaw: Callable[[bytes, int], bytes] = audioop.lin2ulaw
"""`lin2ulaw(pcm, 2)`: G.711 μ-law, one byte a sample."""

ulaw2lin: Callable[[bytes, int], bytes] = audioop.ulaw2lin
"""`ulaw2lin(mulaw, 2)`: int16 samples, two bytes each."""
