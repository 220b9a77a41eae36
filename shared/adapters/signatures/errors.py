"""Why a signature is refused. Messages never hold the signature or what was signed.

SignatureError
├── MissingSignature      no signature header at all
├── MalformedSignature    a header is missing, unreadable or not canonical
├── DuplicatedHeader      a signature header stands twice
├── AmbiguousSignature    two schemes in one request
├── WrongReceiver         signed for somebody else, or for nobody where it must be bound
├── StaleRequest          signed too long ago or in the future
├── BadSignature          the signature is not the hotkey's
└── SchemeNotAccepted     Epistula where it would not bind enough
"""

from __future__ import annotations


class SignatureError(Exception):
    """The request does not prove who sent it; nothing was read or stored."""

    code = "signature"


class MissingSignature(SignatureError):  # noqa: N818 - reads as a sentence
    """The request carries no signature."""

    code = "signature_missing"


class MalformedSignature(SignatureError):  # noqa: N818 - reads as a sentence
    """A signature header is missing, unreadable or not canonical."""

    code = "signature_malformed"


class DuplicatedHeader(SignatureError):  # noqa: N818 - reads as a sentence
    """A signature header stands twice; two readers could take different ones."""

    code = "signature_duplicated"


class AmbiguousSignature(SignatureError):  # noqa: N818 - reads as a sentence
    """The request is signed by two schemes at once."""

    code = "signature_ambiguous"


class WrongReceiver(SignatureError):  # noqa: N818 - reads as a sentence
    """The request was signed for another receiver, or is not bound to this one."""

    code = "signature_receiver"


class StaleRequest(SignatureError):  # noqa: N818 - reads as a sentence
    """The nonce is too old, or too far in the future."""

    code = "signature_stale"


class BadSignature(SignatureError):  # noqa: N818 - reads as a sentence
    """The signature does not verify against the claimed hotkey."""

    code = "signature_invalid"


class SchemeNotAccepted(SignatureError):  # noqa: N818 - reads as a sentence
    """Epistula binds neither path nor subnet and is not accepted here."""

    code = "signature_scheme"
