"""Sign requests to WooCommerce: keys over https, OAuth 1.0a over http."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Literal
from urllib.parse import parse_qsl, quote, urlsplit

from syncd.clock import Clock

Mode = Literal["auto", "basic", "query", "oauth1"]


class WooSigner:
    """Credentials of one shop. `mode` auto: Basic over https, OAuth 1.0a over http (reference section 1.2).

    `clock` and `nonce` give each OAuth attempt its own time stamp and number, for a shop refuses a
    number it has seen (section 1.3). Neither key nor secret shows in `repr`.
    """

    def __init__(
        self,
        key: str,
        secret: str,
        mode: Mode = "auto",
        *,
        clock: Clock,
        nonce: Callable[[], str] = token_hex,
    ) -> None:
        self._key, self._secret = key, secret
        self.mode: Mode = mode
        self._clock, self._nonce = clock, nonce

    def __repr__(self) -> str:
        return f"WooSigner(mode={self.mode!r})"

    def sign(self, method: str, url: str) -> tuple[str, Mapping[str, str]]:
        """Return the URL to send and the headers to add, for one attempt.

        Only WooCommerce's own routes are signed: WordPress answers 401 to a foreign Basic header on the
        others, such as the site index.
        """
        if "/wc/" not in urlsplit(url).path:
            return url, {}
        match self._mode_for(url):
            case "basic":
                return url, {"authorization": self._basic()}
            case "query":
                return _with(url, {"consumer_key": self._key, "consumer_secret": self._secret}), {}
            case _:
                return _with(url, self._oauth(method, url)), {}

    def _mode_for(self, url: str) -> Mode:
        if self.mode != "auto":
            return self.mode
        return "basic" if url.startswith("https:") else "oauth1"

    def _basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self._key}:{self._secret}".encode()).decode("ascii")

    def _oauth(self, method: str, url: str) -> dict[str, str]:
        params = {
            "oauth_consumer_key": self._key,
            "oauth_nonce": self._nonce(),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(self._clock.now().timestamp())),
        }
        return {**params, "oauth_signature": signature(method, url, params, self._secret)}


def signature(method: str, url: str, oauth: Mapping[str, str], secret: str) -> str:
    """Return the base64 HMAC-SHA256 that OAuth 1.0a asks for; the body is not signed (section 1.3).

    The signed address must be the one WordPress takes for its own home.
    """
    address, _, query = url.partition("?")
    pairs = sorted([*parse_qsl(query, keep_blank_values=True), *oauth.items()])
    joined = "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)
    base = f"{method.upper()}&{_encode(address)}&{_encode(joined)}"
    digest = hmac.new(f"{secret}&".encode(), base.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def _with(url: str, params: Mapping[str, str]) -> str:
    added = "&".join(f"{_encode(name)}={_encode(value)}" for name, value in params.items())
    return f"{url}{'&' if '?' in url else '?'}{added}"


def _encode(text: str) -> str:
    return quote(text, safe="")
