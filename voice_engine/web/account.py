"""The carrier account whose token signs our webhooks: the configured one, or one made for the built-in carrier."""

import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from voice_engine.errors import InvalidInput

FILE_NAME = "carrier-account.json"
_ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}", re.ASCII)
_AUTH_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAccount:
    """Account SID and auth token in the vendor's shapes. `generated`: the built-in carrier's own."""

    account_sid: str
    auth_token: str = field(repr=False)
    generated: bool


def find_local_account(data_dir: Path) -> CarrierAccount | None:
    """The account kept in the data directory, if one was made. Raises InvalidInput: `bad_account_file`."""
    path = data_dir / FILE_NAME
    try:
        kept = json.loads(path.read_text("utf-8"))
        sid, token = str(kept["account_sid"]), str(kept["auth_token"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("bad_account_file", f"{path} cannot be read: remove it to have another made") from error
    if not (_ACCOUNT_SID.fullmatch(sid) and _AUTH_TOKEN.fullmatch(token)):
        raise InvalidInput("bad_account_file", f"{path} holds no account: remove it to have another made")
    return CarrierAccount(account_sid=sid, auth_token=token, generated=True)


def local_account(data_dir: Path) -> CarrierAccount:
    """The account kept in the data directory (0600, the directory 0700), made now if there is none.

    Two processes that start together end with the same one. Raises InvalidInput: `bad_account_file`,
    `unwritable_data_dir`.
    """
    found = find_local_account(data_dir)
    if found is not None:
        return found
    text = json.dumps({"account_sid": f"AC{secrets.token_hex(16)}", "auth_token": secrets.token_hex(16)})
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(data_dir / FILE_NAME, text)
    except OSError as error:
        raise InvalidInput("unwritable_data_dir", f"cannot write into {data_dir}: {error.strerror}") from error
    made = find_local_account(data_dir)
    assert made is not None, "the account was written or was there"
    return made


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole, unless another process was first."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.link(scratch, path)
    except FileExistsError:
        return
    finally:
        scratch.unlink()
