"""Say which sections the configuration has beside the stores, and which keys are in them."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import ValidationInfo, field_validator, model_validator

from syncd.config.section import NamedSection, SecretText, Section, Text, key
from syncd.config.values import (
    Address,
    BaseUrl,
    Duration,
    ListenAddress,
    PositiveDuration,
    TimeOfDay,
    Zone,
    refuse_plain_http,
)


class Database(Section):
    """Where syncd keeps what it knows."""

    url: Text = key(
        "sqlite:///syncd.db",
        hidden=True,
        about="An SQLite file, taken from the working directory (four slashes begin an absolute path), or "
        "PostgreSQL 15 or newer as `postgresql+psycopg://user@host/name`.",
    )
    password: SecretText | None = key(
        None,
        secret=True,
        example="/run/secrets/database_password",
        unset="none",
        about="The PostgreSQL password, so that it need not stand in the address.",
    )
    auto_upgrade: bool = key(
        True,
        about="Bring the tables up to date when the daemon starts. With PostgreSQL the default is false: "
        "run `syncd db upgrade`.",
    )

    @model_validator(mode="before")
    @classmethod
    def _by_hand_on_postgresql(cls, data: Any) -> Any:
        postgresql = isinstance(data, dict) and str(data.get("url", "")).startswith("postgresql")
        return {"auto_upgrade": False, **data} if postgresql else data

    @field_validator("url")
    @classmethod
    def _known_kind(cls, url: str) -> str:
        if re.match(r"postgres(ql)?(\+\w+)?://", url) and not url.startswith("postgresql+psycopg://"):
            raise ValueError("must begin with postgresql+psycopg:// for PostgreSQL")
        if not re.match(r"postgresql\+psycopg://.|sqlite:///[^?#]", url):
            raise ValueError("must be sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
        return url

    def address(self) -> str:
        """Return the url with the password put in. Not for printing. Raises as `Secret.reveal` does."""
        if self.password is None or "@" not in self.url:
            return self.url
        scheme, _, rest = self.url.partition("://")
        user, _, place = rest.partition("@")
        return f"{scheme}://{user.partition(':')[0]}:{quote(self.password.reveal(), safe='')}@{place}"


class Web(Section):
    """The status page, `/health` and `/metrics`."""

    listen: ListenAddress = key(
        "127.0.0.1:8642", about='Address and port; `"off"` for none. It has no sign-in: keep it on loopback.'
    )


class Alerts(Section):
    """How syncd makes itself heard."""

    insecure: bool = key(False, about="Allow plain http beyond this machine.")
    heartbeat_url: Address | None = key(
        None,
        hidden=True,
        example='"https://heartbeat.example/syncd"',
        unset="none",
        about="An address called after each success within what is promised, so that its silence is noticed.",
    )
    digest: TimeOfDay = key(
        "off", about='The time of a daily summary in UTC, for example `"07:00"`; `"off"` for none.'
    )

    @field_validator("heartbeat_url")
    @classmethod
    def _https(cls, url: str | None, info: ValidationInfo) -> str | None:
        return url and refuse_plain_http(url, insecure=info.data.get("insecure", False))


class Mail(Section):
    """The mail server for alerts. Without this section no mail is sent, and `syncd check` says so."""

    host: Text = key(example='"smtp.example"', about="The mail server.")
    port: int = key(587, ge=1, le=65535, about='Its port; 465 goes with `tls = "tls"`.')
    sender: Text = key(alias="from", example='"syncd@example"', about="The address that mails come from.")
    to: tuple[Text, ...] = key(min_length=1, example='["ops@example"]', about="Who gets the alerts.")
    username: Text | None = key(
        None, example='"syncd"', unset="no sign-in", about="The name to sign in with."
    )
    password: SecretText | None = key(
        None,
        secret=True,
        example="/run/secrets/mail_password",
        unset="no sign-in",
        about="The password to sign in with.",
    )
    tls: Literal["starttls", "tls", "off"] = key("starttls", about="`starttls`, `tls` or `off`.")

    @field_validator("password")
    @classmethod
    def _both_or_none(cls, password: Any, info: ValidationInfo) -> Any:
        if password is not None and "username" in info.data and info.data["username"] is None:
            raise ValueError("needs a username beside it")
        return password


class Log(Section):
    """What the log tells, and how."""

    level: Literal["debug", "info", "warning", "error"] = key(
        "info", about="`debug`, `info`, `warning` or `error`."
    )
    format: Literal["auto", "json", "text"] = key(
        "auto", about="`json`, `text`, or `auto`: text on a terminal, else json."
    )


class Daemon(Section):
    """How the daemon runs."""

    grace: Duration = key("30s", about="How long a running batch may take to finish after SIGTERM.")
    lease: PositiveDuration = key(
        "60s", about="How long a process that died keeps its work to itself before another may take it over."
    )
    max_response_mb: int = key(
        32, ge=1, le=1024, about="The largest answer that is read, in megabytes after unpacking."
    )


class Secrets(Section):
    """What stored secrets are encrypted with; only needed where a store rotates its tokens."""

    unused: ClassVar[bool] = True
    key: SecretText | None = key(
        None,
        secret=True,
        example="/run/secrets/syncd_keys",
        unset="none",
        about="The key ring for tokens kept in the database: one key a line, the newest first.",
    )


Per = Literal["minute", "hour", "day", "month"]
PER: tuple[Per, ...] = ("minute", "hour", "day", "month")
"""The windows, the shortest first."""


class Overflow(Section):
    """A pool of a longer window, from which calls above a limit are taken."""

    calls: int = key(gt=0, about="How many calls more.", example="100")
    per: Per = key(about="`hour`, `day` or `month`.", example='"day"')
    zone: Zone = key("UTC", about="The time zone in which the window begins.")


class Limit(Section):
    """At most so many calls per fixed clock window."""

    calls: int = key(gt=0, about="How many calls.", example="5000")
    per: Per = key(about="`minute`, `hour`, `day` or `month`.", example='"month"')
    zone: Zone = key("UTC", about="The time zone in which the window begins.")
    overflow: Overflow | None = key(
        None,
        example='{ calls = 100, per = "day" }',
        unset="none",
        about="Calls above the limit are taken from this pool of a longer window.",
    )

    @field_validator("overflow")
    @classmethod
    def _longer(cls, overflow: Overflow | None, info: ValidationInfo) -> Overflow | None:
        per = info.data.get("per")
        if overflow is not None and per is not None and PER.index(overflow.per) <= PER.index(per):
            raise ValueError(f"must be for a longer window than the {per} of its limit")
        return overflow


def no_limit_twice(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """Return the limits. Raises ValueError when two of them are about the same window."""
    windows = [limit.per for limit in limits]
    twice = next((per for per in windows if windows.count(per) > 1), None)
    if twice:
        raise ValueError(f"has two limits per {twice}; keep the smaller one")
    return limits


ABOUT_LIMITS = (
    'Hard limits, as `[{ calls = 5000, per = "month" }]`; per is minute, hour, day or month: fixed clock '
    'windows in `zone`. All must have room; with `overflow = { calls = 100, per = "day" }` in a limit, calls '
    "above it are taken from that pool. Empty: no limit."
)


class Account(NamedSection):
    """An Unleashed account; the name is yours."""

    insecure: bool = key(False, about="Allow plain http beyond this machine.")
    base_url: BaseUrl = key("https://api.unleashedsoftware.com", about="Where Unleashed answers.")
    api_id: Text = key(
        hidden=True,
        example='"00000000-0000-0000-0000-000000000000"',
        about="The API id from Unleashed under Integration > API access.",
    )
    api_key: SecretText = key(
        secret=True, example="/run/secrets/unleashed_key", about="The API key that belongs to it."
    )
    client_type: Text = key(
        "syncd/syncd",
        pattern=r"^[^/\s]+/[^/]+$",
        about="How syncd introduces itself to Unleashed, as company/application.",
    )
    page_size: int = key(1000, ge=1, le=1000, about="Rows per page; larger pages cost fewer calls.")
    timeout: PositiveDuration = key("180s", about="How long one answer may take.")
    spacing: Duration = key("250ms", about="The shortest time between two calls.")
    concurrency: int = key(
        1, ge=1, le=16, about="Calls in flight at once, over all processes on one database."
    )
    limits: tuple[Limit, ...] = key((), about=ABOUT_LIMITS + " Then `syncd check` warns.")

    @field_validator("base_url")
    @classmethod
    def _https(cls, url: str, info: ValidationInfo) -> str:
        return refuse_plain_http(url, insecure=info.data.get("insecure", False))

    @field_validator("limits")
    @classmethod
    def _distinct(cls, limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
        return no_limit_twice(limits)
