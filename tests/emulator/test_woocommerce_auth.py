"""The emulated WooCommerce lets in whom the real one lets in, and says no in the same words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.emulator.woocommerce_caller import API, KEY, SECRET, Caller, basic

HOME = "http%3A%2F%2Fshop.example.test%2Fwp-json%2Fwc%2Fv3%2Fproducts"
ANONYMOUS = (401, "woocommerce_rest_cannot_view")
WRONG = (401, "woocommerce_rest_authentication_error")


@pytest.fixture
def caller() -> Caller:
    caller = Caller()
    caller.shelf.add_simple("MUG", "Mug", "5", 1)
    return caller


def outcome(caller: Caller, query: str = "", method: str = "GET", **options: Any) -> tuple[int, str]:
    """Return status and error code, "" for none, of a call to the product list."""
    answer = caller.send(method, "/products", query, **options)
    body = json.loads(answer.body())
    return answer.status, body["code"] if isinstance(body, dict) and "code" in body else ""


def signed(params: dict[str, str], method: str = "GET", secret: str = SECRET, hashing: str = "SHA256") -> str:
    """Return a query with an OAuth signature made by the rules of RFC 5849, with code of this test."""
    everything = {
        "oauth_consumer_key": KEY,
        "oauth_nonce": "n1",
        "oauth_signature_method": f"HMAC-{hashing}",
        "oauth_timestamp": "1795255200",
        **params,
    }
    pairs = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(everything.items()))
    base = f"{method}&{HOME}&{quote(pairs, safe='~')}"
    algorithm = hashlib.sha256 if hashing == "SHA256" else hashlib.sha1
    digest = hmac.new(f"{secret}&".encode(), base.encode(), algorithm).digest()
    return f"{pairs}&oauth_signature={quote(base64.b64encode(digest).decode(), safe='')}"


@pytest.mark.parametrize(
    ("hashing", "signature"),
    [
        ("HMAC-SHA256", "Aco/0xoPY4xivytAz4OlLA3vhULzlHpvRlJ/Q4tLmZs="),
        ("HMAC-SHA1", "ypI1CVQ/N5hKfiXNt2ac0Pf90MA="),
    ],
)
def test_a_signature_worked_out_by_hand(caller: Caller, hashing: str, signature: str) -> None:
    """The signature that openssl gives for the base string written out below is accepted.

    GET&http%3A%2F%2Fshop.example.test%2Fwp-json%2Fwc%2Fv3%2Fproducts&include%3D17%252C10
    %26oauth_consumer_key%3Dck_example%26oauth_nonce%3Dn1%26oauth_signature_method%3DHMAC-SHA256
    %26oauth_timestamp%3D1795255200%26search%3Dgreen%2520tea (in one line), key `cs_example&`.
    """
    query = (
        f"search=green+tea&include=17%2C10&oauth_consumer_key=ck_example&oauth_nonce=n1&oauth_timestamp=1795255200"
        f"&oauth_signature_method={hashing}&oauth_signature={quote(signature, safe='')}"
    )
    assert outcome(caller, query, secure=False, authorization="") == (200, "")


@pytest.mark.parametrize("hashing", ["SHA256", "SHA1"])
def test_signed_calls_without_tls(caller: Caller, hashing: str) -> None:
    """Without TLS an OAuth 1.0a signature in the query is the way in; it also works with TLS."""
    assert outcome(caller, signed({}, hashing=hashing), secure=False, authorization="") == (200, "")


def test_keys_do_not_work_without_tls(caller: Caller) -> None:
    """Basic and query keys over http are not even looked at: the caller is nobody."""
    assert outcome(caller, secure=False) == ANONYMOUS
    query = f"consumer_key={KEY}&consumer_secret={SECRET}"
    assert outcome(caller, query, secure=False, authorization="") == ANONYMOUS


def test_a_nonce_works_once(caller: Caller) -> None:
    """The same signed address a second time is refused."""
    assert outcome(caller, signed({}), secure=False, authorization="") == (200, "")
    answer = caller.send("GET", "/products", signed({}), secure=False, authorization="")
    assert answer.status == 401
    assert "nonce" in json.loads(answer.body())["message"]


@pytest.mark.parametrize(("late", "code"), [(-899, ""), (899, ""), (-901, WRONG[1]), (901, WRONG[1])])
def test_the_clocks_may_differ_by_a_quarter_of_an_hour(caller: Caller, late: int, code: str) -> None:
    """A timestamp more than 15 minutes off, either way, is refused."""
    caller.clock.pass_by(late)
    assert outcome(caller, signed({}), secure=False, authorization="")[1] == code


def test_bracket_lists_do_not_verify(caller: Caller) -> None:
    """include[]=17 is signed as sent and verified as include[0]: refused. Both other forms work."""
    assert outcome(caller, signed({"include[]": "17"}), secure=False, authorization="") == WRONG
    for at, params in enumerate(({"include[0]": "17"}, {"include": "17,10"})):
        query = signed({**params, "oauth_nonce": f"other{at}"})
        assert outcome(caller, query, secure=False, authorization="") == (200, "")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (signed({}, secret="cs_other"), "woocommerce_rest_authentication_error"),
        (signed({}, method="POST"), "woocommerce_rest_authentication_error"),
        (signed({"oauth_consumer_key": "ck_other"}), "woocommerce_rest_authentication_error"),
        (signed({"oauth_signature_method": "PLAINTEXT"}), "woocommerce_rest_authentication_error"),
        ("oauth_nonce=1", "woocommerce_rest_authentication_missing_parameter"),
    ],
    ids=["other secret", "other method", "unknown key", "unknown hashing", "incomplete"],
)
def test_wrong_signatures(caller: Caller, query: str, code: str) -> None:
    """A signature that does not fit is 401 with the code of its fault."""
    assert outcome(caller, query, secure=False, authorization="") == (401, code)


def test_the_host_that_is_signed_is_the_sites_own(caller: Caller) -> None:
    """A signature for the address called does not verify where the site calls itself otherwise."""
    caller.settings.home = "http://www.example.test"
    assert outcome(caller, signed({}), secure=False, authorization="") == WRONG


def test_query_keys_win_over_the_header(caller: Caller) -> None:
    """Over TLS the keys may stand in the query, and there they count more than in the header."""
    good = f"consumer_key={KEY}&consumer_secret={SECRET}"
    assert outcome(caller, good, authorization=basic(secret="cs_wrong")) == (200, "")
    bad = f"consumer_key={KEY}&consumer_secret=cs_wrong"
    assert outcome(caller, bad) == WRONG


def test_a_wrong_secret_is_told_apart_from_an_unknown_key(caller: Caller) -> None:
    """A wrong secret is an authentication error; an unknown key is nobody."""
    assert outcome(caller, authorization=basic(secret="cs_wrong")) == WRONG
    assert outcome(caller, authorization=basic(key="ck_unknown")) == ANONYMOUS
    assert outcome(caller, authorization="Basic !!!") == ANONYMOUS
    assert outcome(caller, authorization="") == ANONYMOUS


def test_a_stripped_header_makes_the_caller_nobody(caller: Caller) -> None:
    """Where the server drops the header only query keys work."""
    caller.settings.header_stripped = True
    assert outcome(caller) == ANONYMOUS
    assert outcome(caller, f"consumer_key={KEY}&consumer_secret={SECRET}") == (200, "")


def test_tls_that_wordpress_does_not_see(caller: Caller) -> None:
    """Behind a proxy that hides TLS, Basic fails with the plain 401 of an anonymous call."""
    caller.settings.sees_tls = False
    assert outcome(caller) == ANONYMOUS


@pytest.mark.parametrize(("permalinks", "status"), [("plain", 401), ("plain_404", 404)])
def test_plain_permalinks(caller: Caller, permalinks: Any, status: int) -> None:
    """With plain permalinks the API answers under index.php, and keys are not read there."""
    caller.settings.permalinks = permalinks
    assert caller.send("GET", "/products").status == status
    answer = caller.send("GET", "/index.php", "rest_route=/wc/v3/products")
    assert (answer.status, json.loads(answer.body())["code"]) == ANONYMOUS


def test_a_read_key_does_not_write(caller: Caller) -> None:
    """A key with read permission is refused a write with 401, a write key a read."""
    caller.settings.key_permission = "read"
    assert outcome(caller) == (200, "")
    assert outcome(caller, method="POST", body={"name": "Cup"}) == WRONG
    caller.settings.key_permission = "write"
    assert outcome(caller) == WRONG


@pytest.mark.parametrize(
    ("rights", "look", "write", "settings"),
    [
        ("manager", 200, 201, 200),
        ("products", 200, 201, 403),
        ("view", 200, 403, 403),
        ("none", 403, 403, 403),
    ],
)
def test_rights_of_the_keys_user(caller: Caller, rights: Any, look: int, write: int, settings: int) -> None:
    """A good key of a user without the rights is 403; settings need a manager."""
    caller.settings.rights = rights
    assert outcome(caller)[0] == look
    assert outcome(caller, method="POST", body={"name": "Cup"})[0] == write
    assert caller.send("GET", "/settings/general/woocommerce_currency").status == settings
    assert caller.send("GET", "/system_status").status == settings


def test_what_is_missing_is_missing_even_to_strangers(caller: Caller) -> None:
    """Nobody gets 404 for a missing id, 400 for a wrong parameter, and 401 only for what is there."""
    (item,) = caller.shelf.all()
    for path, query, status in ((f"/products/{item.id}", "", 401), ("/products/999", "", 404)):
        assert caller.send("GET", path, query, authorization="").status == status
    assert outcome(caller, "per_page=101", authorization="") == (400, "rest_invalid_param")


def test_the_indexes_are_open(caller: Caller) -> None:
    """Who the shop is can be read without a key."""
    index = json.loads(caller.send("GET", "/wp-json/", authorization="").body())
    assert index["timezone_string"] == "Pacific/Auckland"
    assert (index["gmt_offset"], index["home"]) == (13, "https://shop.example.test")
    assert "wc/v3" in index["namespaces"]
    routes = json.loads(caller.send("GET", API, authorization="").body())["routes"]
    arguments = routes["/wc/v3/products"]["endpoints"][0]["args"]
    assert {"modified_after", "sku", "include"} <= set(arguments)
    assert "/wc/v3/variations" in routes
