"""Sign what is asked of Unleashed, the same text that is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

Pairs = Sequence[tuple[str, str]]

SENT_RAW = ":@,/"
"""Sent as they are: a percent-encoded colon got a bare 403 on every dated `modifiedSince`."""


def build_query(pairs: Pairs) -> tuple[str, str]:
    """Return the text to sign and the text to send for ordered pairs of name and value.

    The signed text is decoded, the sent one percent-encoded (a space is `%20`, never `+`); for everyday
    values both are the same. Raises UnicodeEncodeError for a lone surrogate. AuthenticationHelp says
    what is signed; that it is the decoded text is what working clients show.
    """
    signed = "&".join(f"{name}={value}" for name, value in pairs)
    wire = "&".join(f"{quote(name, safe='')}={quote(value, safe=SENT_RAW)}" for name, value in pairs)
    return signed, wire


def is_sent_as_signed(text: str) -> bool:
    """Tell whether a value is the same in the signed and in the sent query."""
    return text.isascii() and quote(text, safe=SENT_RAW) == text


@dataclass(frozen=True, slots=True)
class Credentials:
    """The API id and key of one company, and who we say we are. Signs requests; never shows the key.

    `client_type` is `company/app` in lower case, which Unleashed requires since June 2025.
    """

    api_id: str
    api_key: str = field(repr=False)
    client_type: str = "syncd/syncd"

    def sign(self, method: str, url: str) -> tuple[str, Mapping[str, str]]:
        """Return the URL unchanged and the headers of AuthenticationHelp for its query."""
        del method
        return url, {
            "api-auth-id": self.api_id,
            "api-auth-signature": self.signature(unquote(url.partition("?")[2])),
            "client-type": self.client_type,
            "accept": "application/json",
            "content-type": "application/json",
        }

    def signature(self, signed: str) -> str:
        """Return the base64 HMAC-SHA256 of the text under the key as it is written, not base64-decoded."""
        digest = hmac.new(self.api_key.encode(), signed.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode("ascii")

    def hide(self, text: str) -> str:
        """Return the text without the key, for a message that quotes the other side."""
        return text.replace(self.api_key, "[key]") if self.api_key else text
