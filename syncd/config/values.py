"""Read the small values of the configuration: durations, addresses, tax rates, times of day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import PlainValidator

Tax = Literal["exclusive"] | Decimal | Mapping[str, Decimal]

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the web page listens."""

    host: str
    port: int


def read_duration(value: object) -> timedelta:
    """Read "48m", "30s", "6h", "3d", "250ms" or several of them together ("1h30m")."""
    if isinstance(value, timedelta):
        return value
    parts = re.findall(r"(\d{1,9})(ms|s|m|h|d)", value) if isinstance(value, str) else []
    if not parts or "".join(number + unit for number, unit in parts) != str(value).replace(" ", ""):
        raise ValueError('must be a duration with its unit, for example "250ms", "30s", "48m", "6h" or "3d"')
    total = sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta(0))
    if total > _LONGEST:
        raise ValueError("must not be longer than ten years")
    return total


def read_positive_duration(value: object) -> timedelta:
    """Read a duration that is longer than nothing."""
    duration = read_duration(value)
    if duration <= timedelta(0):
        raise ValueError("must be longer than zero")
    return duration


def read_interval(value: object) -> timedelta | None:
    """Read how often a job runs; "off" (None) is never."""
    return None if value == "off" or value is None else read_positive_duration(value)


def read_planned_interval(value: object) -> timedelta | Literal["auto"] | None:
    """Read how often a job runs, or "auto" to let the planner decide; "off" (None) is never."""
    return "auto" if value == "auto" else read_interval(value)


def read_listen(value: object) -> Listen | None:
    """Read "host:port" ("[::1]:8642" for IPv6); "off" (None) is nowhere."""
    if value == "off" or value is None or isinstance(value, Listen):
        return value if isinstance(value, Listen) else None
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ValueError('must be an address and a port, for example "127.0.0.1:8642", or "off"')
    return Listen(host.removeprefix("[").removesuffix("]"), int(port))


def read_time_of_day(value: object) -> time | None:
    """Read "07:00" as a time of day in UTC; "off" (None) is never."""
    if value == "off" or value is None:
        return None
    if isinstance(value, time):
        return value.replace(tzinfo=UTC)
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('must be a time of day in UTC, for example "07:00", or "off"')
    return time.fromisoformat(value).replace(tzinfo=UTC)


def read_instant(value: object) -> datetime:
    """Read an instant with its offset ("2026-11-21T00:00:00Z") and return it in UTC."""
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            moment = None
    if not isinstance(moment, datetime):
        raise ValueError("must be a date and time with its offset, for example 2026-11-21T00:00:00Z")
    if moment.tzinfo is None:
        raise ValueError("must say its offset from UTC: write Z (or +13:00) after the time")
    return moment.astimezone(UTC)


def read_tax(value: object) -> Tax:
    """Read "exclusive", one rate, or a rate per tax class; rates are fractions (0.15 is 15 %)."""
    if value == "exclusive":
        return "exclusive"
    if isinstance(value, Mapping):
        if not value:
            raise ValueError(
                'must name at least one tax class, for example { standard = 0.15 }, or be "exclusive"'
            )
        return {str(name): _rate(rate, f"the rate of {name!r} ") for name, rate in value.items()}
    return _rate(value, "")


def _rate(value: object, whose: str) -> Decimal:
    expected = (
        f"{whose}must be a rate like 0.15 (for 15 %){'' if whose else ', a rate per class, or exclusive'}"
    )
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError(expected)
    try:
        rate = Decimal(value)
    except InvalidOperation:
        raise ValueError(expected) from None
    if not rate.is_finite() or not 0 <= rate <= 1:
        raise ValueError(expected)
    return rate


def read_price_tier(value: object) -> str | int:
    """Read "default", a sell-price tier's number (1 to 10), or its name."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10:
        return value
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ValueError('must be "default", the number of a price tier (1 to 10), or its name')


def read_zone(value: object) -> str:
    """Read the name of a time zone that this machine knows."""
    try:
        return str(ZoneInfo(value if isinstance(value, str) else ""))
    except (ValueError, OSError, KeyError):
        raise ValueError('must be the name of a time zone, for example "UTC" or "Pacific/Auckland"') from None


def read_base_url(value: object) -> str:
    """Read the address of a remote system: http(s), a host, perhaps a path; no query, no credentials."""
    parts = split_url(value)
    if parts.query or parts.fragment:
        raise ValueError("must not have a query (?…) or a fragment (#…)")
    return parts.geturl().rstrip("/")


def read_address(value: object) -> str:
    """Read an address that is called as it is, its query included."""
    return split_url(value).geturl()


def split_url(value: object) -> SplitResult:
    """Split an http or https address. Raises ValueError when it is none, or carries credentials."""
    expected = 'must be an address like "https://shop.example"'
    if not isinstance(value, str) or re.search(r"\s", value):
        raise ValueError(expected)
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(expected) from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(expected)
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user name or a password")
    return parts


def refuse_plain_http(url: str, *, insecure: bool) -> str:
    """Return the address. Raises ValueError for plain http beyond loopback, unless `insecure`."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not insecure and not is_loopback(parts.hostname or ""):
        raise ValueError(
            "must be https: plain http shows the credentials to everyone on the way (or set insecure = true)"
        )
    return url


def is_loopback(host: str) -> bool:
    """Return whether the host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Duration = Annotated[timedelta, PlainValidator(read_duration)]
PositiveDuration = Annotated[timedelta, PlainValidator(read_positive_duration)]
Interval = Annotated[timedelta | None, PlainValidator(read_interval)]
PlannedInterval = Annotated[timedelta | Literal["auto"] | None, PlainValidator(read_planned_interval)]
ListenAddress = Annotated[Listen | None, PlainValidator(read_listen)]
TimeOfDay = Annotated[time | None, PlainValidator(read_time_of_day)]
Instant = Annotated[datetime, PlainValidator(read_instant)]
TaxRule = Annotated[Tax, PlainValidator(read_tax)]
PriceTier = Annotated[str | int, PlainValidator(read_price_tier)]
Zone = Annotated[str, PlainValidator(read_zone)]
BaseUrl = Annotated[str, PlainValidator(read_base_url)]
Address = Annotated[str, PlainValidator(read_address)]
