"""From what somebody typed to a plus sign and digits: formatting goes, whatever the script or the separators."""

import unicodedata

_SEPARATORS = frozenset("()[]./\\·•,'’\"_~")
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd", "Mn"})
"""Unicode categories: spaces, line and paragraph separators, controls, formats (zero width), dashes, marks."""


def strip_formatting(raw: str) -> str:
    """`raw` without a `tel:` scheme, separators and invisible characters, its digits in ASCII.

    What remains beside digits and a plus sign (letters, `*`, `#`, `;`) was no formatting and is left for the
    reader to refuse.
    """
    kept = (
        _ascii(char)
        for char in unicodedata.normalize("NFKC", raw)
        if char not in _SEPARATORS and unicodedata.category(char) not in _INVISIBLE
    )
    text = "".join(kept)
    return text[4:] if text[:4].casefold() == "tel:" else text


def bare_digits(text: str) -> str:
    """Only the digits of `text`, up to a parameter (RFC 3966: `;ext=`, `;phone-context=`)."""
    return "".join(char for char in text.partition(";")[0] if char.isascii() and char.isdigit())


def _ascii(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)
