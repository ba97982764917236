"""Who is calling a WooCommerce shop: keys over TLS, OAuth 1.0a signatures without, else nobody.

Follows reference/woocommerce.md sections 1.1 to 1.4; the order of checks is that of WooCommerce 11.0.1's
class-wc-rest-authentication.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import quote, unquote

from syncd.emulator.wire import Request
from syncd.emulator.woocommerce_shop import Refused, Settings

WINDOW_SECONDS = 15 * 60
_REQUIRED = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Doorkeeper:
    """Knows the shop's one key and which nonces were used."""

    def __init__(
        self, consumer_key: str, consumer_secret: str, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._key, self._secret = consumer_key, consumer_secret
        self._settings, self._clock = settings, clock
        self._nonces: dict[str, int] = {}

    def knows(self, request: Request, home: str) -> bool:
        """Return whether the caller proved the key; False is the anonymous caller.

        `home` is the site's own address, which signatures must be made for. Raises Refused with 401
        when the proof is wrong, or when the key's permission does not cover the method.
        """
        known = self._proves_key(request) or self._proves_signature(request, home)
        if known:
            self._check_permission(request.method)
        return known

    def _proves_key(self, request: Request) -> bool:
        if not (request.secure and self._settings.sees_tls):
            return False
        query = dict(request.pairs())
        key, secret = query.get("consumer_key", ""), query.get("consumer_secret", "")
        if not (key and secret):
            key, secret = self._basic(request)
        if not (key and secret) or key != self._key:
            return False
        if not hmac.compare_digest(secret.encode(), self._secret.encode()):
            raise _wrong("Consumer secret is invalid.")
        return True

    def _basic(self, request: Request) -> tuple[str, str]:
        scheme, _, coded = request.headers.get("authorization", "").partition(" ")
        if self._settings.header_stripped or scheme.lower() != "basic":
            return "", ""
        try:
            user, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password

    def _proves_signature(self, request: Request, home: str) -> bool:
        sent = php_query(request.pairs())
        sent |= {} if self._settings.header_stripped else _oauth_header(request)
        missing = [name for name in _REQUIRED if not sent.get(name)]
        if len(missing) == len(_REQUIRED):
            return False
        if missing:
            plural = "s" if len(missing) > 1 else ""
            text = f"Missing OAuth parameter{plural} {', '.join(missing)}"
            raise Refused(401, "woocommerce_rest_authentication_missing_parameter", text)
        if sent["oauth_consumer_key"] != self._key:
            raise _wrong("Consumer key is invalid.")
        self._check_signature(request, sent, home)
        self._check_freshness(sent["oauth_timestamp"], sent["oauth_nonce"])
        return True

    def _check_signature(self, request: Request, sent: Mapping[str, str], home: str) -> None:
        method = sent["oauth_signature_method"]
        if method not in ("HMAC-SHA1", "HMAC-SHA256"):
            raise _wrong("Invalid signature - signature method is invalid.")
        secure = request.secure and self._settings.sees_tls
        url = f"{'https' if secure else 'http'}://{home.partition('://')[2]}{request.path}"
        expected = signature(request.method, url, sent, self._secret, method)
        given = unquote(sent["oauth_signature"].replace(" ", "+"))
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise _wrong("Invalid signature - provided signature does not match.")

    def _check_freshness(self, timestamp: str, nonce: str) -> None:
        now = int(self._clock().timestamp())
        sent = int(timestamp) if re.fullmatch(r"\d{1,12}", timestamp) else 0
        if abs(now - sent) > WINDOW_SECONDS:
            raise _wrong("Invalid timestamp.")
        self._nonces = {each: at for each, at in self._nonces.items() if at >= now - WINDOW_SECONDS}
        if nonce in self._nonces:
            raise _wrong("Invalid nonce - nonce has already been used.")
        self._nonces[nonce] = sent

    def _check_permission(self, method: str) -> None:
        needed = "write" if method in _WRITES else "read"
        if self._settings.key_permission not in (needed, "read_write"):
            raise _wrong(f"The API key provided does not have {needed} permissions.")


def signature(method: str, url: str, params: Mapping[str, str], secret: str, hashing: str) -> str:
    """Return the OAuth 1.0a signature, base64, of a one-legged request (reference section 1.3).

    `params` are the decoded query parameters, `oauth_signature` among them is left out; `hashing` is
    HMAC-SHA256 or HMAC-SHA1. The body is not signed.
    """
    signed = sorted((name, value) for name, value in params.items() if name != "oauth_signature")
    joined = "&".join(f"{_encode(name)}={_encode(value)}" for name, value in signed)
    base = f"{method.upper()}&{_encode(url)}&{_encode(joined)}"
    algorithm = hashlib.sha256 if hashing == "HMAC-SHA256" else hashlib.sha1
    digest = hmac.new(f"{secret}&".encode(), base.encode(), algorithm).digest()
    return base64.b64encode(digest).decode()


def php_query(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the query as PHP reads it: the last of equal names wins, `x[]` becomes `x[0]`, `x[1]` …

    That is why a signature made over `include[]=17` does not verify.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            at = sum(1 for each in found if each.startswith(f"{name[:-1]}"))
            name = f"{name[:-2]}[{at}]"
        found[name] = value
    return found


def _oauth_header(request: Request) -> dict[str, str]:
    header = request.headers.get("authorization", "").strip()
    if not header.startswith("OAuth "):
        return {}
    return {name: unquote(value) for name, value in re.findall(r'(oauth_[a-z_]+)="([^"]*)"', header)}


def _encode(text: str) -> str:
    return quote(text, safe="~")


def _wrong(message: str) -> Refused:
    return Refused(401, "woocommerce_rest_authentication_error", message)
