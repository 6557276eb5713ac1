"""Check that each given text file ends in exactly one newline and no line ends in a blank; a pre-commit hook."""

import sys
from pathlib import Path


def faults(path: Path) -> list[str]:
    """What is wrong with one file, as `path: fault` lines."""
    text = path.read_text("utf-8")
    found = []
    if text and not text.endswith("\n"):
        found.append(f"{path}: no newline at the end")
    if text.endswith("\n\n"):
        found.append(f"{path}: blank lines at the end")
    found += [
        f"{path}:{number}: blank at the end of the line"
        for number, line in enumerate(text.splitlines(), 1)
        if line != line.rstrip()
    ]
    return found


if __name__ == "__main__":
    wrong = [fault for name in sys.argv[1:] for fault in faults(Path(name))]
    sys.stdout.writelines(f"{fault}\n" for fault in wrong)
    sys.exit(bool(wrong))
