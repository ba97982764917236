"""Everything that can go wrong, sorted by what happens next.

SyncdError                    a sentence for a person, and what to do next
├── UsageError                exit 2: this command or its surroundings must be changed
│   ├── ConfigurationError    every problem of the configuration at once
│   ├── IdentityChanged       the store behind the address is another one
│   └── DatabaseMismatch      the database is newer or older than the program
├── RemoteError               exit 3: the other side, or the way to it
│   ├── AuthRejected          the credentials are refused
│   ├── Unreachable           nothing was sent: safe to repeat
│   ├── OutcomeUnknown        sent, but no answer: look before trying again
│   ├── Unavailable           an answer that says "not now" (5xx)
│   │   ├── Busy              other calls are under way: nothing was sent
│   │   └── Throttled         an answer that says "too much" (429), perhaps with a time
│   ├── BadAnswer             an answer that cannot be believed (HTML, half a body, wrong page)
│   ├── RequestRefused        a 4xx that another attempt would not change
│   └── PurseSpent            our own count says no: goes on at a known time
└── Stopped                   exit 1: this run did not do all it was asked to
    ├── LeaseHeld             another process is at it
    └── LeaseLost             another process took over while we were at it
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta


class SyncdError(Exception):
    """What went wrong in one sentence, and what a person can do next in another."""

    exit_code = 1
    default_do = "Run `syncd check` to see what is wrong."

    def __init__(self, what: str, do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.do = do or self.default_do

    def __str__(self) -> str:
        return f"{self.what} {self.do}".strip()


class UsageError(SyncdError):
    """The command, the configuration or the machine around it must be changed first."""

    exit_code = 2
    default_do = "See `syncd --help`."


class ConfigurationError(UsageError):
    """Every problem found in the configuration, each as its own sentence."""

    default_do = "Correct the configuration and run `syncd check`."

    def __init__(self, problems: Sequence[str], do: str = "") -> None:
        super().__init__("\n".join(problems), do)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return f"{self.what}\n{self.do}"


class IdentityChanged(UsageError):
    """The store answers with another identity than the one the database knows."""


class DatabaseMismatch(UsageError):
    """The database's revision and the program's do not fit together."""

    default_do = "Run `syncd db upgrade`."


class RemoteError(SyncdError):
    """The other side, or the way to it. `who` is the account or store concerned."""

    exit_code = 3

    def __init__(self, what: str, do: str = "", *, who: str = "", status: int | None = None) -> None:
        super().__init__(what, do)
        self.who = who
        self.status = status


class AuthRejected(RemoteError):
    """The credentials are refused (401 or 403)."""

    default_do = "Check the credentials in the configuration, then run `syncd check`."


class Unreachable(RemoteError):
    """Nothing was sent: name resolution, connection or TLS failed. Safe to repeat."""

    default_do = "Check the address and the network; the next scheduled run tries again."


class OutcomeUnknown(RemoteError):
    """The request was sent, but no answer came. Whether it was carried out must be looked up.

    `keys` name the writes that were in that request, if it held several; empty: any that is unanswered.
    """

    default_do = "Nothing to do: the next run looks before it writes again."

    def __init__(
        self, what: str, do: str = "", *, who: str = "", status: int | None = None, keys: Sequence[str] = ()
    ) -> None:
        super().__init__(what, do, who=who, status=status)
        self.keys = tuple(keys)


class Unavailable(RemoteError):
    """The other side says it cannot answer now (5xx)."""

    default_do = "Nothing to do: the next scheduled run tries again."


class Busy(Unavailable):
    """As many calls as may be under way at once are: nothing was counted and nothing sent."""


class Throttled(Unavailable):
    """Too many requests (429). `retry_after` is what the other side asked for, if it did."""

    def __init__(
        self,
        what: str,
        do: str = "",
        *,
        who: str = "",
        status: int | None = 429,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(what, do, who=who, status=status)
        self.retry_after = retry_after


class BadAnswer(RemoteError):
    """An answer that cannot be believed: HTML, half a body, the wrong page, too many bytes."""

    default_do = (
        "Nothing was changed because of it. If it stays, look at what the address answers in a browser."
    )


class RequestRefused(RemoteError):
    """A refusal (4xx) that another attempt would not change. `code` is the vendor's, if any."""

    def __init__(
        self,
        what: str,
        do: str = "",
        *,
        who: str = "",
        status: int | None = None,
        code: str = "",
        body: str = "",
    ) -> None:
        super().__init__(what, do, who=who, status=status)
        self.code = code
        self.body = body


class PurseSpent(RemoteError):
    """Our own count says that a limit is reached. `until` is when it goes on (aware UTC)."""

    default_do = "Nothing to do: it goes on by itself."

    def __init__(self, what: str, do: str = "", *, who: str = "", until: datetime) -> None:
        super().__init__(what, do, who=who)
        self.until = until


class Stopped(SyncdError):
    """This run did not do all that it was asked to do."""


class LeaseHeld(Stopped):
    """Another process holds the lease; `holder` names it."""

    default_do = "Wait until it has finished, or stop it first."

    def __init__(self, what: str, do: str = "", *, holder: str) -> None:
        super().__init__(what, do)
        self.holder = holder


class LeaseLost(Stopped):
    """Another process took the lease over while this one was at work."""

    default_do = "Nothing to do: the other process goes on where this one stopped."
