"""SVOX Pico's C interface (picoapi.h), called through ctypes in the extension module that `py-nanotts` ships.

The package's own Python function holds the interpreter lock for a whole sentence and starts from uninitialised
memory, so that its audio differs from run to run. Here each sentence starts from zeroed memory (0.4 ms), and
ctypes lets go of the lock while Pico computes.
"""

import ctypes
from pathlib import Path
from typing import Any

_MEMORY_BYTES = 2_500_000
"""What the Pico manual asks for one voice; py-nanotts takes the same."""

_OUTPUT_BYTES = 128
"""Pico hands out at most this much a step."""

_STEP_IDLE, _STEP_BUSY = 200, 201
_VOICE = b"voice"
_RESOURCE_NAME_BYTES = 32
_MAX_TEXT_BYTES = 32_000
"""`pico_putTextUtf8` takes an int16 count."""

_FUNCTIONS = (
    "pico_initialize",
    "pico_terminate",
    "pico_loadResource",
    "pico_getResourceName",
    "pico_createVoiceDefinition",
    "pico_addResourceToVoiceDefinition",
    "pico_newEngine",
    "pico_disposeEngine",
    "pico_putTextUtf8",
    "pico_getData",
)


class PicoError(Exception):
    """Pico returned a status other than success."""


class PicoLibrary:
    """The loaded shared object. `speak` is safe from several threads: each call has its own memory."""

    def __init__(self, shared_object: Path) -> None:
        library = ctypes.CDLL(str(shared_object))
        try:
            self._call: dict[str, Any] = {name: getattr(library, name) for name in _FUNCTIONS}
        except AttributeError as error:
            raise PicoError(f"{shared_object} does not export Pico's functions") from error
        for function in self._call.values():
            function.restype = ctypes.c_int32

    def speak(self, marked_text: str, text_analysis: Path, signal_generation: Path) -> bytes:
        """16 kHz int16 mono bytes of one sentence. `marked_text` may hold Pico's own tags.

        Raises:
            PicoError: with Pico's status.
        """
        memory = ctypes.create_string_buffer(_MEMORY_BYTES)
        system = ctypes.c_void_p()
        self._do("pico_initialize", memory, ctypes.c_int32(_MEMORY_BYTES), ctypes.byref(system))
        try:
            engine = self._open(system, (text_analysis, signal_generation))
            try:
                return self._synthesize(engine, marked_text.encode()[:_MAX_TEXT_BYTES] + b"\0")
            finally:
                self._do("pico_disposeEngine", system, ctypes.byref(engine))
        finally:
            self._do("pico_terminate", ctypes.byref(system))

    def _open(self, system: ctypes.c_void_p, resources: tuple[Path, Path]) -> ctypes.c_void_p:
        names = []
        for path in resources:
            resource = ctypes.c_void_p()
            self._do("pico_loadResource", system, str(path).encode(), ctypes.byref(resource))
            name = ctypes.create_string_buffer(_RESOURCE_NAME_BYTES)
            self._do("pico_getResourceName", system, resource, name)
            names.append(name.value)
        self._do("pico_createVoiceDefinition", system, _VOICE)
        for value in names:
            self._do("pico_addResourceToVoiceDefinition", system, _VOICE, value)
        engine = ctypes.c_void_p()
        self._do("pico_newEngine", system, _VOICE, ctypes.byref(engine))
        return engine

    def _synthesize(self, engine: ctypes.c_void_p, text: bytes) -> bytes:
        """Feed the text, whose closing NUL tells Pico to finish, and collect what comes out."""
        source = ctypes.create_string_buffer(text, len(text))
        taken = ctypes.c_int16()
        audio = bytearray()
        at = 0
        while at < len(text):
            self._do(
                "pico_putTextUtf8",
                engine,
                ctypes.byref(source, at),
                ctypes.c_int16(len(text) - at),
                ctypes.byref(taken),
            )
            at += taken.value
            self._drain(engine, audio)
        return bytes(audio)

    def _drain(self, engine: ctypes.c_void_p, audio: bytearray) -> None:
        get_data = self._call["pico_getData"]
        buffer = ctypes.create_string_buffer(_OUTPUT_BYTES)
        size = ctypes.c_int16(_OUTPUT_BYTES)
        received, kind = ctypes.c_int16(), ctypes.c_int16()
        where, what = ctypes.byref(received), ctypes.byref(kind)
        status = _STEP_BUSY
        while status == _STEP_BUSY:
            status = get_data(engine, buffer, size, where, what)
            if received.value:
                audio += buffer.raw[: received.value]
        if status != _STEP_IDLE:
            raise PicoError(f"pico_getData returned {status}")

    def _do(self, name: str, *arguments: Any) -> None:
        status = self._call[name](*arguments)
        if status != 0:
            raise PicoError(f"{name} returned {status}")
