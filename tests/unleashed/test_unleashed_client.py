"""Whatever is no answer becomes the error that says what to do, and gives nothing secret away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.emulator.wire import Response
from syncd.errors import (
    AuthRejected,
    BadAnswer,
    RemoteError,
    RequestRefused,
    Throttled,
    Unavailable,
    Unreachable,
)
from syncd.http import Reply
from syncd.unleashed.auth import Credentials
from syncd.unleashed.client import error_text
from tests.unleashed.unleashed_world import CREDENTIALS, KEY, START, Canned, World, answer, causes, client_of


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RequestRefused),
        (401, AuthRejected),
        (403, AuthRejected),
        (404, RequestRefused),
        (405, RequestRefused),
        (409, RequestRefused),
        (422, RequestRefused),
        (429, Throttled),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
        (301, BadAnswer),
        (302, BadAnswer),
        (304, BadAnswer),
        (308, BadAnswer),
        (600, BadAnswer),
    ],
)
def test_each_status_has_its_error(status: int, error: type[RemoteError]) -> None:
    """Every status that is no success raises the one error the caller acts on, with status and account."""
    world = World()
    world.emulator.faults.add("status", status=status, times=2)
    with pytest.raises(error) as caught:
        world.client().get("/Products/1")
    assert type(caught.value) is error
    assert (caught.value.status, caught.value.who) == (status, "account main")
    assert "account main" in caught.value.what


def test_missing_record_is_none_only_where_one_was_looked_for() -> None:
    """A 404 is None for a single record and a refusal for a list."""
    world = World()
    assert world.client().find("/Products/0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01") is None
    with pytest.raises(RequestRefused, match="404"):
        world.client().get("/Products/0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "30"}, timedelta(seconds=30)),
        ({"retry-after": "Sat, 21 Nov 2026 12:02:00 GMT"}, timedelta(minutes=2)),
        ({}, None),
    ],
)
def test_throttled_says_how_long(headers: dict[str, str], wait: timedelta | None) -> None:
    """A 429 carries the wait that Unleashed asked for, if it did."""
    world = World()
    world.emulator.faults.add("status", status=429, headers=headers)
    with pytest.raises(Throttled) as caught:
        world.client().get("/Products/1")
    assert caught.value.retry_after == wait


def test_short_outage_is_bridged_by_one_repeat() -> None:
    """A single 503 is asked again at once, and the second answer counts."""
    world = World()
    world.emulator.faults.add("status", status=503)
    assert b"CompanyName" in world.client().get("/Companies")
    assert world.emulator.count() == 2


@pytest.mark.parametrize("status", [401, 403])
def test_wrong_key_names_what_may_be_wrong(status: int) -> None:
    """A refused signature names id, key and the month's calls, because Unleashed does not say which."""
    world = World(bad_key_status=status)
    client = client_of(world.emulator, credentials=Credentials(CREDENTIALS.api_id, KEY + "x"))
    with pytest.raises(AuthRejected) as caught:
        client.get("/Companies")
    for word in ("API id", "API key", "calls for this month", "syncd check"):
        assert word in str(caught.value)


@pytest.mark.parametrize(("quota_status", "error"), [(403, AuthRejected), (429, Throttled)])
@pytest.mark.parametrize("retry_after", [None, 60])
def test_spent_quota_is_survived(
    quota_status: int, error: type[RemoteError], retry_after: int | None
) -> None:
    """A spent month is an error of its own kind whichever status Unleashed gives it."""
    world = World(quota_status=quota_status, calls_per_month=1, retry_after=retry_after)
    world.client().get("/Companies")
    with pytest.raises(error):
        world.client().get("/Companies")
    assert world.emulator.count() == 2


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://elsewhere.test/Products?api-auth-signature=abc", "elsewhere.test"),
        ("/login?next=%2F", "itself"),
        ("", "itself"),
        ("https://[broken", "an unreadable address"),
    ],
)
def test_redirect_names_only_the_host(location: str, host: str) -> None:
    """A redirect is not followed; the message names the host and nothing else of the address."""
    server = Canned(Response(302, {"location": location}, [b""]))
    with pytest.raises(BadAnswer) as caught:
        client_of(server).get("/Companies")
    assert f"redirects to {host} when" in caught.value.what
    assert "abc" not in caught.value.what
    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", ["html", "empty", "bomb"])
def test_answer_that_is_no_answer(kind: str) -> None:
    """A web page, nothing at all and a gzip bomb with status 200 are not believed."""
    world = World()
    world.emulator.faults.add(kind, times=9)  # type: ignore[arg-type]
    with pytest.raises(BadAnswer):
        world.client().get("/Products/1")
    assert world.emulator.count() == 1


@pytest.mark.parametrize(
    ("kind", "error"), [("half", Unavailable), ("lose", Unavailable), ("refuse", Unreachable)]
)
def test_broken_connection(kind: str, error: type[RemoteError]) -> None:
    """A connection that breaks once is bridged, one that breaks twice is an error to be tried later."""
    world = World()
    world.emulator.faults.add(kind)  # type: ignore[arg-type]
    assert b"CompanyName" in world.client().get("/Companies")
    world.emulator.faults.add(kind, times=2)  # type: ignore[arg-type]
    with pytest.raises(error):
        world.client().get("/Companies")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"Description":"No","description":"no","Message":"n"}', "No"),
        ('{"description":"no","Message":"n"}', "no"),
        ('{"Message":"n","Items":[{"Field":"X"}]}', "n"),
        ('{"Description":"","Items":[{"Field":"X"}]}', '[{"Field": "X"}]'),
        ('{"Description":{"a":1}}', '{"a": 1}'),
        ("not allowed", "not allowed"),
        ('{"Other":1}', '{"Other":1}'),
        ('"just text"', '"just text"'),
        ("<html>No</html>", ""),
        ("", ""),
        ('{"Description":"\\ud800"}', "?"),
        ("x" * 900, "x" * 500),
    ],
)
def test_error_body_order(body: str, words: str) -> None:
    """The words of a refusal are looked for in the order of the fields met in the wild."""
    assert error_text(Reply(400, {}, body.encode())) == words


def test_refusal_is_quoted() -> None:
    """What Unleashed says about a refusal is part of the message."""
    server = Canned(answer({"Description": "pageSize is wrong.\n"}, 400))
    with pytest.raises(RequestRefused, match=r"status 400: pageSize is wrong\. "):
        client_of(server).get("/Products/1")


@pytest.mark.parametrize(
    "base_url", ["https://proxy.example.test/unleashed", "https://proxy.example.test/unleashed/"]
)
def test_base_url_may_have_a_path(base_url: str) -> None:
    """The path of the base URL comes before the resource, with one slash between."""
    server = Canned(answer({}))
    client_of(server, base_url=base_url).get("/Companies", [("a", "1:2")])
    assert (server.asked[0].path, server.asked[0].query) == ("/unleashed/Companies", "a=1:2")
    assert server.asked[0].host == "proxy.example.test"


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 418, 429, 500])
def test_messages_give_no_secret_away(status: int) -> None:
    """Even if the other side quotes key and signature, no error shows them."""
    signature = CREDENTIALS.signature("a=1")
    echo = f"key {KEY} signature {signature}"
    body = answer(
        {"Description": echo} if status != 200 else f"<p>{echo}", status, location=f"https://{echo}"
    )
    with pytest.raises(RemoteError) as caught:
        client_of(Canned(body)).get("/Companies", [("a", "1")])
    for said in causes(caught.value):
        assert KEY not in said
        assert signature not in said


def test_client_shows_no_secret() -> None:
    """The client and its parts can be printed."""
    client = World().client()
    assert KEY not in f"{client!r}{client.http!r}{vars(client)}"


def test_requests_carry_no_key() -> None:
    """The key itself never leaves the machine."""
    server = Canned(answer({}))
    client_of(server).get("/Companies")
    assert KEY not in repr(server.asked)


def test_retry_after_of_the_past_is_no_wait() -> None:
    """A Retry-After that lies before now asks for no wait."""
    server = Canned(answer({}, 429, retry_after=(START - timedelta(hours=1)).isoformat()))
    with pytest.raises(Throttled) as caught:
        client_of(server).get("/Companies")
    assert caught.value.retry_after == timedelta(0)
