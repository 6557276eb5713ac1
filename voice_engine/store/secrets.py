"""Secrets at rest: AES-256-GCM under a key from the environment or from a 0600 file in the data directory.

A box is bound to its place (`context`): a ciphertext copied into another row does not open there.
"""

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voice_engine.errors import InvalidInput

KEY_BYTES = 32
NONCE_BYTES = 12
"""NIST SP 800-38D, 8.2: a random 96-bit nonce."""
KEY_FILE = "secret.key"


class SecretBox:
    """Encrypts and decrypts small secrets. `key_id` names the key in stored values, for rotation."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, f"a secret key has {KEY_BYTES} bytes"
        self._cipher = AESGCM(key)
        self._key = key
        self.key_id = hashlib.sha256(b"key-id" + key).hexdigest()[:8]

    def seal(self, secret: str, *, context: str) -> str:
        """The secret's ciphertext, as text; `context` ("oauth_key:1") must be given again to open it."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.encode(), context.encode())
        return f"{self.key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, context: str) -> str:
        """The secret. Raises InvalidInput `secret_unreadable` (another key, another place, or damaged)."""
        try:
            _key_id, _, text = sealed.partition(".")
            raw = base64.urlsafe_b64decode(text)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise InvalidInput(
                "secret_unreadable",
                "a stored secret does not open: is VOICE_ENGINE_SECRET_KEY the one it was written with?",
            ) from error

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for another use (signing URLs), which tells nothing of this one."""
        return hashlib.blake2b(purpose.encode(), key=self._key, digest_size=KEY_BYTES).digest()


def open_box(*, secret_key: str | None, data_dir: Path) -> SecretBox:
    """The box of this installation; the key is made on first start.

    `secret_key` is any text of 16 characters or more (a passphrase is stretched by scrypt), else the key file's.

    Raises:
        InvalidInput: `secret_key_invalid`, `secret_key_file_open`.
    """
    if secret_key is not None:
        if len(secret_key) < 16:
            raise InvalidInput("secret_key_invalid", "VOICE_ENGINE_SECRET_KEY needs at least 16 characters")
        return SecretBox(
            hashlib.scrypt(secret_key.encode(), salt=b"voice_engine", n=2**14, r=8, p=1, dklen=KEY_BYTES)
        )
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SecretBox(_key_file(data_dir / KEY_FILE))


def _key_file(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_bytes(KEY_BYTES)
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def _read_key(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise InvalidInput("secret_key_file_open", f"{path} is readable by others; run: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise InvalidInput("secret_key_invalid", f"{path} must hold {KEY_BYTES} bytes; restore it from your backup")
    return key
