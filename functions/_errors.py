"""What is wrong with a request before any use case is called.

RequestError
├── BadQuery             a query parameter cannot be read
├── BadIdempotencyKey    the header is empty, too long or not visible ASCII
├── NotFound             nothing lives at this path
├── UnknownSubnet        a subnet that is not served here
├── MethodNotAllowed     carries the methods that are
├── BodyNotRead          what is left of the body stays unread
│   ├── BodyTooLarge     more than 1 MiB
│   ├── BodyTooSlow      it did not arrive in time
│   └── BodyCutShort     the connection, or what frames the body, ended before the body did
├── EncodedBody          compressed bodies are refused
├── Busy                 this instance has enough to do
└── AccessDenied
    ├── KeyMissing       no key where one is needed
    ├── KeyUnknown       not a key of this deployment
    └── ScopeMissing     a key that is good for other things
"""

from __future__ import annotations


class RequestError(Exception):
    """The request is refused at the edge; `str()` is for the caller's eyes."""


class BadQuery(RequestError):  # noqa: N818 - reads as a sentence
    """A query parameter cannot be read."""


class BadIdempotencyKey(RequestError):  # noqa: N818 - reads as a sentence
    """The header `Idempotency-Key` cannot be a key."""


class NotFound(RequestError):  # noqa: N818 - HTTP's own name
    """Nothing lives at this path."""


class UnknownSubnet(NotFound):
    """The netuid is not among those that this deployment serves."""


class MethodNotAllowed(RequestError):  # noqa: N818 - HTTP's own name
    """The function does not answer this method."""

    def __init__(self, allowed: str) -> None:
        """`allowed` is the value of the `Allow` header."""
        self.allowed = allowed
        super().__init__(f"allowed are {allowed}")


class BodyNotRead(RequestError):  # noqa: N818 - reads as a sentence
    """The body could not be read to its end; nobody should try again."""


class BodyTooLarge(BodyNotRead):
    """The body is longer than a request may be."""


class BodyTooSlow(BodyNotRead):
    """The body did not arrive in time."""


class BodyCutShort(BodyNotRead):
    """The body is shorter than its Content-Length, or its chunks cannot be read."""


class EncodedBody(RequestError):  # noqa: N818 - reads as a sentence
    """The body has a Content-Encoding."""


class Busy(RequestError):  # noqa: N818 - a state
    """This instance has as many requests in hand as it can hold; another time it has not."""


class AccessDenied(RequestError):  # noqa: N818 - reads as a sentence
    """The caller may not do this."""


class KeyMissing(AccessDenied):
    """A key is needed and none was sent."""


class KeyUnknown(AccessDenied):
    """The key that was sent is none of this deployment's."""


class ScopeMissing(AccessDenied):
    """The key is valid and does not cover this."""
