"""Tell from WooCommerce's answer whether to believe it, and say in a sentence what is wrong if not."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from syncd.errors import (
    AuthRejected,
    BadAnswer,
    OutcomeUnknown,
    RemoteError,
    RequestRefused,
    Throttled,
    Unavailable,
)
from syncd.http import Reply, retry_after

_KEYS_PAGE = "WooCommerce > Settings > Advanced > REST API"
_NO_SUCH_ROUTE = "rest_no_route"


def believed(reply: Reply, *, who: str, url: str, writing: bool, now: datetime) -> Any:
    """Return the decoded JSON of a good answer; floats as Decimal.

    Raises what `verdict` says otherwise, and for a 2xx that is no JSON BadAnswer (a read) or
    OutcomeUnknown (a write, which may have been carried out).
    """
    if not 200 <= reply.status < 300:
        raise verdict(reply, who=who, url=url, writing=writing, now=now)
    content = _json(reply)
    if content is not None:
        return content
    what = f"{who} answered {reply.status} with {_kind(reply)} instead of JSON"
    if writing:
        raise OutcomeUnknown(f"{what} to a write.", who=who, status=reply.status)
    do = (
        "Exclude /wp-json/ from page caches, 'coming soon' pages and security plugins, and switch off "
        "WP_DEBUG_DISPLAY; then run `syncd check`."
    )
    raise BadAnswer(f"{what}: {_excerpt(reply)}", do, who=who, status=reply.status)


def verdict(reply: Reply, *, who: str, url: str, writing: bool, now: datetime) -> RemoteError:
    """Return the error that a 3xx, 4xx or 5xx answer stands for (reference sections 1.4, 9 and 11).

    Only `code` is looked at: messages are translated to the site's language.
    """
    status, code = reply.status, vendor_code(reply)
    if 300 <= status < 400:
        return _redirected(reply, who, url)
    if status == 429:
        what = f"{who} answers that there were too many requests."
        return Throttled(what, who=who, retry_after=retry_after(reply.headers, now))
    if status >= 500:
        return _not_now(reply, who, code, writing)
    if status in (401, 403) and code:
        return AuthRejected(*_why_rejected(status, code, url, writing, who), who=who, status=status)
    if status == 401:
        do = "Exclude /wp-json/ from the web server's own password protection."
        return AuthRejected(
            f"The web server in front of {who} asks for a password of its own.", do, who=who, status=401
        )
    if status in (403, 406) and not code:
        do = "Allow requests from this machine to /wp-json/wc/ in the firewall, CDN or security plugin."
        return Unavailable(
            f"A firewall or CDN in front of {who} answered {status}, not the shop.",
            do,
            who=who,
            status=status,
        )
    return _refused(reply, who, code)


def vendor_code(reply: Reply) -> str:
    """Return WooCommerce's error code, or "" when the answer is not its own."""
    content = _json(reply)
    code = content.get("code") if isinstance(content, dict) else None
    return code if isinstance(code, str) else ""


def _redirected(reply: Reply, who: str, url: str) -> RemoteError:
    target = urlsplit(reply.headers.get("location", ""))
    asked = urlsplit(url)
    place = f"{target.scheme or asked.scheme}://{target.netloc or asked.netloc}"
    do = f"Set base_url to the shop's own address, probably {place}."
    return BadAnswer(
        f"{who} redirects to {place}{target.path} instead of answering.", do, who=who, status=reply.status
    )


def _not_now(reply: Reply, who: str, code: str, writing: bool) -> RemoteError:
    origin = f"the code {code}" if code else _kind(reply)
    if writing:
        return OutcomeUnknown(
            f"{who} answered {reply.status} with {origin} to a write.", who=who, status=reply.status
        )
    return Unavailable(f"{who} answered {reply.status} with {origin}.", who=who, status=reply.status)


def _refused(reply: Reply, who: str, code: str) -> RemoteError:
    what, do = f"{who} answered {reply.status} {code or 'with ' + _kind(reply)}.", ""
    if reply.status == 404 and code in ("", _NO_SUCH_ROUTE):
        do = (
            "Check base_url, that WooCommerce is active, and that permalinks are not 'Plain' "
            "(WordPress > Settings > Permalinks)."
        )
        what = f"{who} has no WooCommerce API at this address (404 {code or 'with ' + _kind(reply)})."
    return RequestRefused(what, do, who=who, status=reply.status, code=code, body=reply.text())


def _why_rejected(status: int, code: str, url: str, writing: bool, who: str) -> tuple[str, str]:
    if status == 403:
        what = f"{who} knows the key, but the key's user may not do this ({code})."
        return what, f"Give that user the role Shop manager, or make a key for one who has it ({_KEYS_PAGE})."
    if code.startswith("woocommerce_rest_authentication") and writing:
        what = f"{who} accepts this key for reading only."
        return what, f"Give the key the permission Read/Write under {_KEYS_PAGE}."
    if code.startswith("woocommerce_rest_authentication"):
        # Over http the code is the same for a wrong key, secret, clock or address.
        trouble = (
            "does not accept key and secret"
            if url.startswith("http:")
            else "knows the key but not its secret"
        )
        return f"{who} {trouble}.", _wrong_secret(url)
    what = f"{who} saw no valid key and treated the request as a visitor's ({code})."
    return what, _seen_as_visitor(url)


def _wrong_secret(url: str) -> str:
    do = f"Copy key and secret again from {_KEYS_PAGE}; the key needs the permission Read/Write."
    if url.startswith("http:"):
        do += " Over http this machine's clock must be right too, and base_url the site's own address."
    return do


def _seen_as_visitor(url: str) -> str:
    do = "Check consumer_key; set WordPress > Settings > Permalinks to anything but 'Plain'"
    if url.startswith("http:"):
        return do + '; and use auth = "auto" or "oauth1": over http the shop takes nothing else.'
    return do + (
        '; then try auth = "query", in case the server strips the Authorization header; behind a proxy '
        "WordPress must be told that the visitor came by https (X-Forwarded-Proto)."
    )


def _json(reply: Reply) -> Any:
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return None
    try:
        return json.loads(reply.body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def _kind(reply: Reply) -> str:
    if not reply.body.strip():
        return "an empty page"
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return {"text/html": "an HTML page", "application/json": "broken JSON"}.get(
        kind, kind or "something untyped"
    )


def _excerpt(reply: Reply) -> str:
    return repr(" ".join(reply.text(200).split())[:100])
