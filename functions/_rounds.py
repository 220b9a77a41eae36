"""Numbers of rounds in paths and queries."""

from __future__ import annotations

from functions._errors import BadQuery

LONGEST = 10
"""Digits of a round's number."""


def round_of(text: str) -> int:
    """The number; raises `BadQuery` for what is none."""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST):
        raise BadQuery(f"a round is a number of at most {LONGEST} digits")
    return int(text)
