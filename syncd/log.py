"""Tell what happens, in one shape for our own lines and everybody else's, and never a secret in it."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping, MutableMapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
MAIL = "[e-mail]"

_QUIET = ("httpx", "httpcore", "apscheduler", "alembic")
_SHORTEST_SECRET = 4

_SECRET_KEY = re.compile(
    r"(?i)secret|passw(or)?d|token|authorization|signature|credential|cookie|private.?key|key.?ring"
    r"|api.?key|api.?id|api.?auth|consumer.?key|^oauth_"
)
_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|api-auth-[a-z]+|x-api-key|set-cookie|cookie)"
    r"((?:['\"]\s*,|['\"]?\s*[:=])\s*(?:b(?=['\"]))?['\"]?)([^'\"\r\n]+)"
)
_SCHEME = re.compile(r"\b(Basic|Bearer)\s+(?=\S*[A-Z0-9=])[A-Za-z0-9+/._~=-]{8,}")
_PARAMETER = re.compile(
    r"(?i)\b((?:oauth_|consumer_)\w+|\w*token|api_?key|signature|password|\w*secret)(=|%3D)\"?([^&\s\"'<>]+)"
)
_USERINFO = re.compile(r"(://)[^/\s:@]+:[^/\s@]+@")
_ADDRESS = re.compile(r"(?i)[^\s@<>\"'(),;:=&?/\[\]]+(?:@|%40)[^\s@<>\"'(),;:=&?/\[\]]+\.[a-z]{2,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_secrets: set[str] = set()
_lock = threading.Lock()


def register_secret(value: str) -> None:
    """Hide this value from now on wherever it appears in a line, also percent-encoded.

    Anything shorter than four characters is left alone: hiding it would make the log unreadable.
    """
    if len(value) >= _SHORTEST_SECRET:
        with _lock:
            _secrets.update({value, quote(value, safe=""), quote(value)})


def redact(text: str) -> str:
    """Return the text without registered secrets, credentials in headers and URLs, and e-mail addresses."""
    with _lock:
        known = sorted(_secrets, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, HIDDEN)
    text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
    text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
    text = _PARAMETER.sub(rf"\1\2{HIDDEN}", text)
    text = _USERINFO.sub(rf"\1{HIDDEN}@", text)
    return _ADDRESS.sub(MAIL, text)


def configure(level: str, format: Literal["json", "text", "auto"], stream: TextIO) -> None:
    """Send every log line of this process to `stream`; calling it again replaces what was set before.

    `level` is debug, info, warning or error. `auto` is text on a terminal and JSON otherwise. Times are
    those of the records, in UTC. What is bound with `structlog.contextvars` (account, store, job, run)
    appears on every line of that context, third-party lines included.
    """
    terminal = stream.isatty()
    handler = _Handler(stream)
    handler.setFormatter(_formatter(format == "text" or (format == "auto" and terminal), colors=terminal))
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, _Handler)] + [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


class _Handler(logging.StreamHandler[TextIO]):
    """Our own handler, told apart from those that others have installed."""


def _formatter(text: bool, *, colors: bool) -> logging.Formatter:
    last: list[Processor] = [structlog.processors.JSONRenderer()]
    if text:
        last = [_one_line, structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=0)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.contextvars.merge_contextvars],
        processors=[
            _stamp,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _clean_event,
            *last,
        ],
    )


def _stamp(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Put time, level and logger in front; they are the record's, whoever wrote it."""
    record: logging.LogRecord = event["_record"]
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    head = {
        "timestamp": moment.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": event.pop("event"),
        "logger": record.name,
    }
    return {**head, **event}


def _clean_event(logger: WrappedLogger, method: str, event: EventDict) -> MutableMapping[str, Any]:
    return {name: _clean(value, name) for name, value in event.items()}


def _one_line(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A message with a line break in it could pretend to be two."""
    event["event"] = _CONTROL.sub(lambda found: repr(found[0])[1:-1], str(event["event"]))
    return event


def _clean(value: Any, name: str = "") -> Any:
    """Return the value as something harmless to print, all the way down."""
    if _SECRET_KEY.search(name) and value is not None and not isinstance(value, bool):
        return HIDDEN
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): _clean(each, str(key)) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(each) for each in value]
    return redact(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, (Decimal, timedelta, BaseException)):
        return str(value) or type(value).__name__
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return repr(value)
