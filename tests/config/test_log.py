"""The log has one shape whoever writes, and nothing secret or personal in it."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest
import structlog

from syncd.log import configure, redact, register_secret

MARKED = "marked/secret+4711"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return what a terminal returns."""
        return True


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """Leave the process's logging as it was found."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)
    structlog.reset_defaults()


def started(format: Literal["json", "text", "auto"] = "json", level: str = "info") -> io.StringIO:
    """Configure logging into a stream of its own."""
    stream = io.StringIO()
    configure(level, format, stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the JSON lines written so far."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_how_bad_and_what() -> None:
    """A line begins with time, level and event; numbers stay numbers, decimals stay exact."""
    stream = started()
    structlog.get_logger("syncd.flows.push").info("push.done", written=3, price=Decimal("1.10"))
    (line,) = lines(stream)
    assert list(line)[:4] == ["timestamp", "level", "event", "logger"]
    assert (line["level"], line["event"], line["logger"]) == ("info", "push.done", "syncd.flows.push")
    assert (line["written"], line["price"]) == (3, "1.10")


def test_the_time_is_the_records_in_utc() -> None:
    """The stamp is when the record was made, in UTC with milliseconds."""
    stream = started()
    record = logging.LogRecord("other", logging.WARNING, "x.py", 1, "late", (), None)
    record.created = datetime(2026, 11, 21, 1, 2, 3, 456000, UTC).timestamp()
    logging.getLogger("other").handle(record)
    assert lines(stream)[0]["timestamp"] == "2026-11-21T01:02:03.456Z"


def test_third_party_lines_have_the_same_shape() -> None:
    """A line of a library carries the same keys, the context included."""
    stream = started()
    with structlog.contextvars.bound_contextvars(account="main", store="shop", job="recent", run=7):
        structlog.get_logger("ours").info("ours")
        logging.getLogger("theirs").warning("%s rows", 3)
    ours, theirs = lines(stream)
    assert list(ours) == list(theirs)
    assert theirs["event"] == "3 rows"
    assert (theirs["account"], theirs["store"], theirs["job"], theirs["run"]) == ("main", "shop", "recent", 7)


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "apscheduler.scheduler", "alembic.runtime"])
def test_chatty_libraries_are_heard_from_warning_on(name: str) -> None:
    """Libraries that log addresses or every step are quiet, at every level of our own."""
    stream = started(level="debug")
    logging.getLogger(name).info("HTTP Request: GET https://shop.example.test/?consumer_key=x")
    logging.getLogger(name).warning("trouble")
    assert [line["event"] for line in lines(stream)] == ["trouble"]


def test_the_level_is_kept() -> None:
    """Below the level nothing is written."""
    stream = started(level="warning")
    structlog.get_logger("ours").info("quiet")
    logging.getLogger("theirs").info("quiet")
    structlog.get_logger("ours").warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_configuring_again_replaces_the_stream() -> None:
    """Every line is written once, to the last stream given."""
    first, second = started(), started()
    structlog.get_logger("ours").info("once")
    assert (first.getvalue(), len(lines(second))) == ("", 1)


def test_auto_is_text_on_a_terminal_only() -> None:
    """People get text, everything else gets JSON."""
    terminal, pipe = Terminal(), started("auto")
    structlog.get_logger("ours").info("to.pipe")
    configure("info", "auto", terminal)
    structlog.get_logger("ours").info("to.terminal")
    assert lines(pipe)[0]["event"] == "to.pipe"
    assert "to.terminal" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_warnings_are_log_lines() -> None:
    """Python's warnings go where everything else goes."""
    stream = started()
    warnings.warn("soon gone", DeprecationWarning, stacklevel=1)
    assert "soon gone" in lines(stream)[0]["event"]


@pytest.mark.parametrize("format", ["json", "text"])
def test_a_registered_secret_appears_nowhere(format: Literal["json", "text"]) -> None:
    """Not in a message, a value, a nested value, an object's repr, a traceback, or percent-encoded."""
    register_secret(MARKED)
    stream = started(format)
    log = structlog.get_logger("ours")
    log.info("said %s", MARKED)
    log.info("values", a=MARKED, b={"c": [MARKED, (MARKED,)]}, d=ValueError(MARKED), e=MARKED.encode())
    log.info("encoded", path="https://h.example.test/marked%2Fsecret%2B4711/x")
    logging.getLogger("theirs").error("%r", {"x": MARKED})
    try:
        raise RuntimeError(MARKED)
    except RuntimeError:
        log.exception("failed")
        logging.getLogger("theirs").exception("failed as well")
    assert "marked" not in stream.getvalue()
    assert stream.getvalue().count("RuntimeError: [hidden]") == 2


@pytest.mark.parametrize(
    "key",
    [
        "api_key",
        "consumer_secret",
        "consumer_key",
        "password",
        "Authorization",
        "api-auth-signature",
        "api-auth-id",
        "access_token",
        "oauth_signature",
        "Set-Cookie",
        "private_key",
    ],
)
def test_a_key_named_like_a_secret_hides_its_value(key: str) -> None:
    """A value under such a key is hidden whatever it is, also inside another value."""
    stream = started()
    structlog.get_logger("ours").info("x", **{key: "marked-value"})
    structlog.get_logger("ours").info("x", headers={key: ["marked-value"]})
    assert "marked" not in stream.getvalue()
    assert stream.getvalue().count("[hidden]") == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "GET https://shop.example.test/p?oauth_nonce=marked&page=2&consumer_key=marked",
            "GET https://shop.example.test/p?oauth_nonce=[hidden]&page=2&consumer_key=[hidden]",
        ),
        ("Authorization: Basic bWFya2Vk", "Authorization: [hidden]"),
        ("{'authorization': 'Bearer marked-token'}", "{'authorization': '[hidden]'}"),
        ("[('api-auth-signature', 'marked=')]", "[('api-auth-signature', '[hidden]')]"),
        ("sent Basic bWFya2VkbWFya2Vk to it", "sent Basic [hidden] to it"),
        ("postgresql+psycopg://syncd:marked@db/syncd", "postgresql+psycopg://[hidden]@db/syncd"),
        ("order of jane.marked+x@mail.example.test, late", "order of [e-mail], late"),
        ("/customers?email=jane%40marked.test&page=1", "/customers?email=[e-mail]&page=1"),
    ],
)
def test_credentials_and_addresses_are_recognised_by_their_shape(text: str, expected: str) -> None:
    """What looks like a credential or an e-mail address is hidden without being registered."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "push.done written=3 unchanged=44",
        "https://shop.example.test/wp-json/wc/v3/products?page=2&per_page=100",
        "account main has spent 5000 of 5000 calls this month; goes on 2026-12-01T00:00:00Z",
        "uses Basic authentication",
        "lacks authorization, ask the owner",
        "postgresql+psycopg://syncd@db/syncd",
        "price 12.50 @ 3 pieces",
    ],
)
def test_ordinary_lines_are_left_alone(text: str) -> None:
    """Redaction does not eat what is nobody's secret."""
    assert redact(text) == text


def test_a_message_stays_on_its_line() -> None:
    """A line break or an escape in a message cannot pretend to be another line."""
    stream = started("text")
    structlog.get_logger("ours").info("one\n2026-11-21T00:00:00Z [error] two\x1b[31m")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_a_short_secret_is_not_hunted() -> None:
    """A secret of three characters would make the log unreadable, and is left alone."""
    register_secret("abc")
    assert redact("abc") == "abc"
