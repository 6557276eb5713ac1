"""A recording that fails costs no more than itself."""

from pathlib import Path

from tests.fakes.call_rig import RECEPTIONIST
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput
from voice_engine.runtime.recorder import Recorder
from voice_engine.runtime.tape import Tape

FRAME = bytes(320)


class _FullDisk(Recorder):
    """Takes nothing after its header, and lets nothing be deleted."""

    def write(self, interleaved: bytes) -> None:
        raise InvalidInput("unwritable_output", "no space left on device")

    def discard(self) -> None:
        self.close_file()
        raise PermissionError(1, "Operation not permitted")

    def close_file(self) -> None:
        super().discard()
        self.path.write_bytes(b"still here")


def test_a_disk_that_is_full_at_the_end_does_not_keep_the_call_from_ending(tmp_path: Path) -> None:
    tape = Tape(_FullDisk(tmp_path / "recording.wav"), call_id=RECEPTIONIST.call_id)
    tape.other(0, FRAME)

    run_virtual(tape.close())

    assert (tmp_path / "recording.wav").exists()


def test_a_declined_recording_that_cannot_be_deleted_is_written_no_further(tmp_path: Path) -> None:
    """The call goes on; whoever is told of its end deletes the file."""
    tape = Tape(_FullDisk(tmp_path / "recording.wav"), call_id=RECEPTIONIST.call_id)

    async def main() -> None:
        await tape.discard()
        tape.other(0, FRAME)
        await tape.flush()
        await tape.close()

    run_virtual(main())

    assert (tmp_path / "recording.wav").read_bytes() == b"still here"
