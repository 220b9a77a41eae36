"""`application/x-www-form-urlencoded` as a stranger's body is read, in little memory."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

MAX_FIELDS = 16
_PLAIN = re.compile("[A-Za-z0-9_-]+")
"""What a field may be called. No JSON text begins so and goes on with `=`: the same signed bytes
never say one thing as JSON and another as a form.
"""
_DECODED_AT_ONCE = 16_384
"""Characters whose escapes are decoded at a time: that takes 75 times their memory."""


class NotAForm(ValueError):  # noqa: N818 - names what the text is
    """The text is not a form, or one that readers disagree about; the message says why."""


def loads(text: str) -> dict[str, str]:
    """Name → value of a form of at most `MAX_FIELDS` fields.

    Raises `NotAForm`: a part without `=`, a name that is no plain word or stands twice, an escape
    that is not UTF-8.
    """
    parts = text.split("&", MAX_FIELDS)
    if len(parts) > MAX_FIELDS:
        raise NotAForm(f"it has more than {MAX_FIELDS} fields")
    pairs = [_pair(part) for part in parts]
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise NotAForm("a field stands twice")
    return fields


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        raise NotAForm("a field has no =")
    return _plain(_unescaped(name)), _unescaped(value)


def _plain(name: str) -> str:
    if not _PLAIN.fullmatch(name):
        raise NotAForm("a field's name has other characters than letters, digits, _ and -")
    return name


def _unescaped(text: str) -> str:
    plain, start = bytearray(), 0
    while start < len(text):
        end = _end_of_piece(text, start)
        plain += unquote_to_bytes(text[start:end].replace("+", " "))
        start = end
    try:
        return plain.decode()
    except UnicodeDecodeError:
        raise NotAForm("an escape is not UTF-8") from None


def _end_of_piece(text: str, start: int) -> int:
    """Where to cut, never through an escape (`%` and two digits)."""
    end = start + _DECODED_AT_ONCE
    escape = text.find("%", end - 2, end)
    return end if escape < 0 else escape
