"""Unleashed as a small strict server: who may call, how often, and what was called."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal
from urllib.parse import unquote

from syncd.emulator.faults import Faults
from syncd.emulator.quota import Turnstile
from syncd.emulator.unleashed_answers import RESOURCES, Answers
from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_mischief import Mischief
from syncd.emulator.unleashed_orders_desk import RESOURCES as OF_SALES
from syncd.emulator.unleashed_orders_desk import Desk
from syncd.emulator.unleashed_settings import Settings
from syncd.emulator.unleashed_wire import Credentials, Refused, check_admission
from syncd.emulator.wire import Request, Response

API_ID = "1f0c7a52-0000-4000-8000-00000000a915"
API_KEY = "not-a-real-key=="

_RESOURCES = {**RESOURCES, **OF_SALES}
_FORMS = {"month": "%Y-%m", "minute": "%Y-%m-%dT%H:%M"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request that arrived. `status` is what the server answered, also if the answer then got lost."""

    method: str
    path: str
    query: str
    status: int
    resource: str
    billed: bool


class UnleashedEmulator:
    """One Unleashed company behind its API, over books that a test or a simulation changes.

    `clock` gives aware UTC times and decides the month of the quota. Network faults are added to
    `faults`, lying lists to `mischief`; `settings` may be exchanged at any time. `sales` holds the
    company's customers, orders, credit notes and shipments.
    """

    def __init__(
        self,
        books: Books,
        clock: Callable[[], datetime],
        *,
        api_id: str = API_ID,
        api_key: str = API_KEY,
        settings: Settings | None = None,
    ) -> None:
        self.books, self.clock = books, clock
        self.credentials = Credentials(api_id, api_key)
        self.faults, self.mischief = Faults(), Mischief()
        self.sales = Desk(books, self.mischief)
        self.calls: list[Call] = []
        self._answers = Answers(books, settings or Settings(), self.mischief)
        self._spent: Counter[str] = Counter()
        self.turnstile = Turnstile(clock)
        books.code_limit = self.settings.code_limit

    @property
    def settings(self) -> Settings:
        """The answers to the open questions."""
        return self._answers.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._answers.settings = settings
        self.books.code_limit = settings.code_limit

    def handle(self, request: Request) -> Response:
        """Answer one request, or act out the fault due for it, and write the call down.

        Raise ConnectionRefused or AnswerLost for the transport to act out.
        """
        self.books.settle()
        before = len(self.calls)
        response = self.faults.around(request, self._answer)
        if len(self.calls) == before:  # something on the way answered in the vendor's place
            failed = response.status >= 400
            self._note(request, response.status, billed=failed and self.settings.failed_calls_count)
        return response

    def count(self, resource: str | None = None) -> int:
        """Return how many calls arrived, of one resource or in all."""
        return sum(1 for call in self.calls if resource in (None, call.resource))

    def spent(self, per: Literal["month", "minute"] = "month") -> int:
        """Return the calls billed in the current calendar month or clock minute (UTC)."""
        return self._spent[self._window(per)]

    def spend_elsewhere(self, calls: int) -> None:
        """Bill calls to the month as if another program of the same company had made them."""
        self._spent[self._window("month")] += calls

    def _answer(self, request: Request) -> Response:
        try:
            check_admission(request, self.credentials, self.settings)
            self._check_quota()
        except Refused as refusal:
            self._note(request, refusal.status, billed=False)
            return self._dressed(request, refusal.response())
        response = self._routed(request)
        billed = response.status < 400 or self.settings.failed_calls_count
        self._note(request, response.status, billed=billed)
        return self._dressed(request, response)

    def _check_quota(self) -> None:
        tariff = self.settings.tariff
        if tariff is not None and not self.turnstile.take(tariff):
            told = self.turnstile.refusal(tariff)
            raise Refused(429, "Too many requests.", {name.lower(): text for name, text in told.items()})
        month, minute = self.settings.calls_per_month, self.settings.calls_per_minute
        wait = self.settings.retry_after
        headers = {} if wait is None else {"retry-after": str(wait)}
        if month is not None and self.spent("month") >= month:
            if self.settings.quota_status == 403:
                raise Refused(403)
            raise Refused(429, "API usage limit exceeded.", headers)
        if minute is not None and self.spent("minute") >= minute:
            raise Refused(429, "Too many requests.", headers)

    def _routed(self, request: Request) -> Response:
        segments = _segments(request.path)
        resource = _RESOURCES.get(segments[0].lower()) if segments else None
        try:
            if resource is None:
                raise Refused(404)
            if self.sales.takes(request.method, resource):
                return self.sales.answer(request, resource, segments[1:], self.settings)
            if request.method != "GET":
                raise Refused(405, f"{resource} does not take {request.method}.")
            return self._answers.get(resource, segments[1:], request.pairs())
        except Refused as refusal:
            return refusal.response()

    def _note(self, request: Request, status: int, *, billed: bool) -> None:
        segments = _segments(request.path)
        resource = _RESOURCES.get(segments[0].lower(), segments[0]) if segments else ""
        self.calls.append(Call(request.method, request.path, request.query, status, resource, billed))
        if billed:
            self._spent[self._window("month")] += 1
            self._spent[self._window("minute")] += 1

    def _window(self, per: Literal["month", "minute"]) -> str:
        return f"{self.clock().astimezone(UTC):{_FORMS[per]}}"

    def _dressed(self, request: Request, response: Response) -> Response:
        """Add the Date header, and squeeze the body where the settings and the caller have it so."""
        moment = self.clock().astimezone(UTC) + self.settings.date_header_ahead
        if self.settings.tariff is not None:
            told = self.turnstile.headers(self.settings.tariff)
            response.headers.update({name.lower(): text for name, text in told.items()})
        response.headers["date"] = format_datetime(moment, usegmt=True)
        if self.settings.compress and "gzip" in request.headers.get("accept-encoding", ""):
            response.headers["content-encoding"] = "gzip"
            response.chunks = [gzip.compress(response.body(), mtime=0)]
        return response


def _segments(path: str) -> list[str]:
    return [unquote(segment) for segment in path.split("/") if segment]
