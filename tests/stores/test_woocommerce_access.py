"""Getting at a WooCommerce shop: credentials, addresses, and what stands in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from syncd.core.model import ListingStatus
from syncd.emulator.woocommerce_auth import signature as emulated_signature
from syncd.errors import (
    AuthRejected,
    BadAnswer,
    OutcomeUnknown,
    RemoteError,
    RequestRefused,
    Throttled,
    Unavailable,
)
from syncd.stores.woocommerce import WooCommerce, WooSigner
from syncd.stores.woocommerce.auth import signature
from syncd.stores.woocommerce.client import api_base, home_name
from tests.stores.woo_shop import KEY, SECRET, HandClock, WooShop

HTTP = "http://shop.example.test"


# Credentials.


@pytest.mark.parametrize(
    ("auth", "base_url"),
    [
        ("auto", "https://shop.example.test"),
        ("auto", HTTP),
        ("basic", "https://shop.example.test/"),
        ("query", "https://shop.example.test/wp-json/wc/v3"),
        ("oauth1", "https://shop.example.test/wp-json/wc/v3/"),
    ],
)
def test_each_way_of_signing_is_accepted(auth: Any, base_url: str) -> None:
    """Basic and query keys over https, OAuth over both; the address with or without the API's path."""
    shop = WooShop(base_url, auth=auth)
    ref = shop.put("TEA-100")
    assert set(shop.store.look(refs=[ref], codes=["TEA-100", "A+B ~ü%"])) == {ref, "TEA-100"}
    assert shop.write(ref, stock="3", status=ListingStatus.HIDDEN).key == "key"


def test_query_keys_pass_where_the_header_is_stripped() -> None:
    """A server that drops the Authorization header lets auth = "query" through."""
    shop = WooShop(auth="query", header_stripped=True)
    ref = shop.put("TEA-100")
    assert set(shop.store.look(refs=[ref])) == {ref}


def test_every_attempt_has_its_own_nonce() -> None:
    """A GET that is repeated after a 500 is signed anew: a used nonce is refused for good."""
    shop = WooShop(HTTP)
    ref = shop.put("TEA-100")
    shop.emulator.faults.add("lose")
    assert set(shop.store.look(refs=[ref])) == {ref}
    nonces = [parse_qs(request.query)["oauth_nonce"] for request in shop.wire.requests]
    assert nonces == [["n1"], ["n2"]]


def test_lists_are_commas_never_brackets() -> None:
    """`include[]=1` does not verify under OAuth; `include=1,2` does."""
    shop = WooShop(HTTP)
    refs = [shop.put("A"), shop.put("B")]
    assert set(shop.store.look(refs=refs)) == set(refs)
    assert all("[" not in request.query and "%5B" not in request.query for request in shop.wire.requests)


@pytest.mark.parametrize("sku", ["A-1,B 2", "50%", "a+b&c=d", "ü~_.-*'()", "茶/🫖"])
def test_the_signature_is_that_of_the_standard(sku: str) -> None:
    """Two independent readings of OAuth 1.0a agree, whatever is in the query."""
    clock = HandClock()
    signer = WooSigner(KEY, SECRET, clock=clock, nonce=lambda: "once")
    shop = WooCommerce(WooShop(HTTP).http, HTTP)
    plain = shop.client.url("products", {"sku": sku, "_fields": "id,sku"})
    signed, headers = signer.sign("GET", plain)
    sent = {name: values[0] for name, values in parse_qs(signed.partition("?")[2]).items()}
    assert headers == {}
    address = plain.partition("?")[0]
    assert sent["oauth_signature"] == emulated_signature("GET", address, sent, SECRET, "HMAC-SHA256")
    oauth = {
        name: value for name, value in sent.items() if name.startswith("oauth_") and "signature" not in name
    }
    oauth["oauth_signature_method"] = "HMAC-SHA256"
    assert signature("GET", plain, oauth, SECRET) == sent["oauth_signature"]


def test_the_site_index_is_not_signed() -> None:
    """WordPress takes a foreign Basic header on its own routes for a failed log-in."""
    signer = WooSigner(KEY, SECRET, clock=HandClock())
    url = "https://shop.example.test/wp-json/?_fields=home"
    assert signer.sign("GET", url) == (url, {})


def test_credentials_do_not_show() -> None:
    """Neither repr nor an error nor a warning carries key or secret, in any way of signing."""
    for auth, base_url in (("query", "https://shop.example.test"), ("auto", HTTP), ("basic", HTTP)):
        shop = WooShop(base_url, auth=auth)  # type: ignore[arg-type]
        shop.answer_next(500, b"<html>", "text/html", **{"retry-after": "9"})
        with pytest.raises(Unavailable) as caught:
            shop.store.look(codes=["TEA"])
        said = f"{shop.signer!r} {caught.value} {caught.value!r} {shop.store.__dict__!r}"
        assert KEY not in said
        assert SECRET not in said


# Addresses.


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://shop.example", "https://shop.example/wp-json/wc/v3"),
        ("https://shop.example/blog/", "https://shop.example/blog/wp-json/wc/v3"),
        ("https://shop.example/wp-json", "https://shop.example/wp-json/wc/v3"),
        ("https://shop.example/wp-json/wc/v3/", "https://shop.example/wp-json/wc/v3"),
        ("https://shop.example/api/wc/v3", "https://shop.example/api/wc/v3"),
    ],
)
def test_an_address_may_be_given_in_any_length(given: str, base: str) -> None:
    """The shop's address, with its path, or the API's, also under a renamed prefix."""
    assert api_base(given) == base


@pytest.mark.parametrize("url", ["https://Shop.Example/", "http://shop.example", "https://shop.example/"])
def test_a_home_is_the_same_with_or_without_tls(url: str) -> None:
    """Scheme, case and the last slash make no other shop."""
    assert home_name(url) == "shop.example"
    assert home_name(f"{url.rstrip('/')}/Blog/") == "shop.example/Blog"


# What stands in between.


@pytest.mark.parametrize(
    ("site", "base_url", "secret", "error", "said"),
    [
        ({}, "https://shop.example.test", "cs_wrong", AuthRejected, "Copy key and secret again"),
        ({}, HTTP, "cs_wrong", AuthRejected, "clock must be right"),
        ({"header_stripped": True}, "https://shop.example.test", SECRET, AuthRejected, 'auth = "query"'),
        ({"sees_tls": False}, "https://shop.example.test", SECRET, AuthRejected, "X-Forwarded-Proto"),
        ({"permalinks": "plain"}, "https://shop.example.test", SECRET, AuthRejected, "Permalinks"),
        ({"permalinks": "plain_404"}, "https://shop.example.test", SECRET, RequestRefused, "Permalinks"),
        ({"rights": "none"}, "https://shop.example.test", SECRET, AuthRejected, "Shop manager"),
        ({"html_pages": True}, "https://shop.example.test", SECRET, BadAnswer, "coming soon"),
        ({"php_notice": True}, "https://shop.example.test", SECRET, BadAnswer, "WP_DEBUG_DISPLAY"),
    ],
)
def test_what_keeps_us_out_is_told_with_its_remedy(
    site: dict[str, Any], base_url: str, secret: str, error: type[RemoteError], said: str
) -> None:
    """Reference section 1.4: each way of being turned away leads to its own sentence."""
    shop = WooShop(base_url, secret=secret, **site)
    with pytest.raises(error) as caught:
        shop.store.check()
    assert said in caught.value.do


def test_an_unknown_key_is_treated_as_a_visitor() -> None:
    """The shop gives no hint that the key is wrong, so the remedy begins with it."""
    with pytest.raises(AuthRejected) as caught:
        WooShop(key="ck_other").store.check()
    assert caught.value.do.startswith("Check consumer_key")


@pytest.mark.parametrize(("key", "secret"), [("ck_other", SECRET), (KEY, "cs_wrong")])
def test_over_http_key_and_secret_are_not_told_apart(key: str, secret: str) -> None:
    """OAuth is refused with one code for both, so the sentence blames neither."""
    with pytest.raises(AuthRejected) as caught:
        WooShop(HTTP, key=key, secret=secret).store.check()
    assert "does not accept key and secret" in caught.value.what


def test_basic_over_http_is_told_to_use_oauth() -> None:
    """Over http the shop takes nothing but OAuth 1.0a."""
    with pytest.raises(AuthRejected) as caught:
        WooShop(HTTP, auth="basic").store.check()
    assert 'auth = "auto"' in caught.value.do


@pytest.mark.parametrize("status", [403, 406])
def test_a_firewall_is_not_the_shop(status: int) -> None:
    """HTML with 403 says nothing about the key: it is not now, and the firewall is named."""
    shop = WooShop()
    shop.answer_next(status, b"<html>Attention required!</html>", "text/html")
    with pytest.raises(Unavailable, match="firewall") as caught:
        shop.store.look(codes=["TEA"])
    assert caught.value.status == status


@pytest.mark.parametrize("location", ["https://www.shop.example/wp-json/wc/v3/products", "/de/wp-json/"])
def test_a_redirect_names_the_other_address(location: str) -> None:
    """Credentials are not carried to where a redirect points; base_url is to be set right."""
    shop = WooShop()
    shop.answer_next(301, b"", "text/html", location=location)
    with pytest.raises(BadAnswer, match="redirects to https://") as caught:
        shop.store.look(codes=["TEA"])
    assert "base_url" in caught.value.do
    assert shop.calls() == 0


def test_a_password_in_front_of_the_shop_is_told_apart() -> None:
    """A staging site's own 401 is no fault of the key."""
    shop = WooShop()
    shop.answer_next(401, b"<html>Authorization Required</html>", "text/html")
    with pytest.raises(AuthRejected, match="password of its own"):
        shop.store.look(codes=["TEA"])


@pytest.mark.parametrize("status", [500, 502, 503, 504, 508])
def test_a_fault_is_not_now_for_a_read_and_in_doubt_for_a_write(status: int) -> None:
    """Half of a batch may be saved when the host gives up."""
    shop = WooShop()
    shop.answer_next(status, b"<html>", "text/html", **{"retry-after": "5"})
    with pytest.raises(Unavailable):
        shop.store.look(codes=["TEA"])
    shop.answer_next(status, b"<html>", "text/html")
    with pytest.raises(OutcomeUnknown):
        shop.write("12", stock="1")


@pytest.mark.parametrize(("form", "seconds"), [("seconds", 30), ("date", 30), ("absent", None)])
def test_too_many_requests_carry_the_time_to_wait(form: str, seconds: int | None) -> None:
    """Retry-After comes as seconds, as a date, or not at all."""
    shop = WooShop()
    headers = {"seconds": {"retry-after": "30"}, "date": {"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT"}}
    shop.answer_next(429, b"<html>", "text/html", **headers.get(form, {}))
    with pytest.raises(Throttled) as caught:
        shop.store.look(codes=["TEA"])
    assert caught.value.retry_after == (None if seconds is None else timedelta(seconds=seconds))


# What the shop is.


def test_check_takes_four_calls_and_five_where_taxes_are_on() -> None:
    """Where taxes are off, whether prices were entered with tax is not asked, and means nothing."""
    shop = WooShop(prices_include_tax=True)
    assert shop.store.check().prices_include_tax is False
    assert shop.calls() == 4
    shop = WooShop(calc_taxes=True, prices_include_tax=True, price_decimals=3, currency="EUR")
    facts = shop.store.check()
    assert (facts.prices_include_tax, facts.price_decimals, facts.currency) == (True, 3, "EUR")
    assert shop.calls() == 5


def test_identity_is_what_the_site_calls_itself() -> None:
    """An alias, or an address behind a proxy, is no other shop."""
    shop = WooShop(home="https://Example.test/shop/")
    assert shop.store.check().identity == "woocommerce:example.test/shop"


def test_a_key_without_rights_to_settings_is_a_warning() -> None:
    """Unknown is None with a sentence, and the identity comes from the open index: three calls."""
    shop = WooShop(rights="products", home="https://home.example.test")
    facts = shop.store.check()
    assert facts.identity == "woocommerce:home.example.test"
    assert (facts.currency, facts.prices_include_tax, facts.tracks_stock) == (None, None, None)
    assert "Shop manager" in facts.warnings[0]
    assert shop.calls() == 3


def test_a_broken_status_page_costs_only_the_version() -> None:
    """The heaviest page of WooCommerce may fail: the settings are then read one by one."""
    shop = WooShop()
    shop.emulator.faults.add(
        "status", status=500, times=2, match=lambda request: "system_status" in request.path
    )
    facts = shop.store.check()
    assert (facts.currency, facts.price_decimals, facts.version) == ("NZD", 2, "")
    assert facts.identity == "woocommerce:shop.example.test"
    assert "version" in facts.warnings[0]


def test_one_setting_that_cannot_be_read_is_none() -> None:
    """The others are told all the same."""
    shop = WooShop(calc_taxes=True)
    shop.emulator.faults.add("status", status=403, match=lambda request: "include_tax" in request.path)
    facts = shop.store.check()
    assert (facts.prices_include_tax, facts.currency, facts.tracks_stock) == (None, "NZD", True)
    assert "woocommerce_prices_include_tax" in facts.warnings[0]


def test_without_an_index_the_configured_address_is_the_identity() -> None:
    """A security plugin may close the index; not now is passed on, for a guess would be another shop."""
    shop = WooShop(rights="products")
    index = shop.emulator.faults
    index.add("status", status=404, match=lambda request: request.path == "/wp-json/")
    assert shop.store.check().identity == "woocommerce:shop.example.test"
    index.add("status", status=503, times=2, match=lambda request: request.path == "/wp-json/")
    with pytest.raises(Unavailable):
        shop.store.check()


def test_a_shop_without_stock_keeping_is_warned_about() -> None:
    """Stock cannot be written there, and the sentence says where to switch it on."""
    shop = WooShop()
    shop.site.manage_stock = False
    facts = shop.store.check()
    assert facts.tracks_stock is False
    assert "Inventory" in facts.warnings[0]
