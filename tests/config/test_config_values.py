"""What each key takes, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from syncd.config import Listen, Settings

Read = Callable[..., Settings]
Problems = Callable[..., tuple[str, ...]]


def test_every_default_is_the_contract(read: Read) -> None:
    """A configuration of nothing but required keys has the defaults that the contract prints."""
    settings = read()
    account, shop = settings.accounts["main"], settings.stores["shop"]
    assert settings.database.url == "sqlite:///syncd.db"
    assert settings.database.auto_upgrade is True
    assert settings.web.listen == Listen("127.0.0.1", 8642)
    assert (settings.alerts.heartbeat_url, settings.alerts.digest, settings.mail) == (None, None, None)
    assert (settings.log.level, settings.log.format) == ("info", "auto")
    assert (settings.daemon.grace, settings.daemon.lease) == (timedelta(seconds=30), timedelta(seconds=60))
    assert settings.daemon.max_response_mb == 32
    assert account.base_url == "https://api.unleashedsoftware.com"
    assert (account.client_type, account.page_size, account.concurrency) == ("syncd/syncd", 1000, 1)
    assert (account.timeout, account.spacing) == (timedelta(seconds=180), timedelta(milliseconds=250))
    assert (account.limits, shop.limits) == ((), ())
    assert (shop.account, shop.mode, shop.identity, shop.canary) == ("main", "live", None, None)
    assert (shop.name, account.name) == ("shop", "main")


def test_listing_defaults_are_the_contract(read: Read) -> None:
    """What a store should show without being told is what the contract prints."""
    listing = read().stores["shop"].listing
    assert listing.fields == ("name", "price", "stock")
    assert (listing.price_tier, listing.tax) == ("default", "exclusive")
    assert (listing.warehouses, listing.buffer) == ((), Decimal(0))
    assert (listing.create, listing.publish) == (False, False)
    assert (listing.obsolete, listing.manage_stock) == ("draft", "leave")
    brake = listing.brake
    assert (brake.zero, brake.unpublish, brake.price) == (Decimal("0.2"), Decimal("0.1"), Decimal("0.2"))
    assert (brake.price_move, brake.minimum) == (Decimal("0.5"), 20)


def test_order_customer_and_schedule_defaults_are_the_contract(read: Read) -> None:
    """Orders, customers and the schedule begin as the contract prints them."""
    shop = read().stores["shop"]
    assert (shop.customers.match, shop.customers.code_field) == (("code", "email"), "")
    assert (shop.customers.create, shop.customers.guests, shop.customers.prefix) == (True, "create", "WEB-")
    orders = shop.orders
    assert (orders.since, orders.when, orders.status, orders.prefix) == (None, "paid", "Parked", "WEB-")
    assert (orders.warehouse, orders.tax_codes, orders.shipping_product) == (None, None, None)
    assert (orders.create_products, orders.refunds) == (True, "task")
    assert (orders.write_back.completed, orders.write_back.tracking) == ("", False)
    assert orders.give_up_after == timedelta(days=3)
    schedule = shop.schedule
    assert (schedule.recent, schedule.orders) == (timedelta(minutes=48), timedelta(minutes=5))
    assert (schedule.customers, schedule.rotation, schedule.sweep) == (timedelta(hours=6), "auto", "auto")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"250ms"', timedelta(milliseconds=250)),
        ('"30s"', timedelta(seconds=30)),
        ('"48m"', timedelta(minutes=48)),
        ('"6h"', timedelta(hours=6)),
        ('"3d"', timedelta(days=3)),
        ('"1h30m"', timedelta(minutes=90)),
        ('"off"', None),
    ],
)
def test_durations(read: Read, text: str, expected: timedelta | None) -> None:
    """A duration is a number with its unit, and "off" is never."""
    assert read(f"[store.shop.schedule]\nrecent = {text}\n").stores["shop"].schedule.recent == expected


@pytest.mark.parametrize(
    "text", ['"48"', "48", '"48 minutes"', '"m"', '"-5m"', '"0s"', '"5m!"', '"99999d"', "true"]
)
def test_what_is_no_duration(problems: Problems, text: str) -> None:
    """A number without a unit, a negative one, or an endless one is refused under its key."""
    (problem,) = problems(f"[store.shop.schedule]\nrecent = {text}\n")
    assert problem.startswith("store.shop.schedule.recent: must ")


def test_rotation_and_sweep_can_be_planned(read: Read) -> None:
    """Rotation and sweep take "auto", a duration, or "off"."""
    schedule = read('[store.shop.schedule]\nrotation = "2h"\nsweep = "off"\n').stores["shop"].schedule
    assert (schedule.rotation, schedule.sweep) == (timedelta(hours=2), None)


def test_only_planned_jobs_take_auto(problems: Problems) -> None:
    """A job that the planner does not plan needs a duration."""
    (problem,) = problems('[store.shop.schedule]\nrecent = "auto"\n')
    assert problem.startswith("store.shop.schedule.recent: must be a duration")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"exclusive"', "exclusive"),
        ("0.15", Decimal("0.15")),
        ("0", Decimal(0)),
        ("{ standard = 0.15, reduced = 0.1 }", {"standard": Decimal("0.15"), "reduced": Decimal("0.1")}),
    ],
)
def test_tax(read: Read, text: str, expected: Any) -> None:
    """Tax is "exclusive", one exact rate, or an exact rate per class."""
    tax = read(f"[store.shop.listing]\ntax = {text}\n").stores["shop"].listing.tax
    assert tax == expected
    assert not isinstance(tax, float)


@pytest.mark.parametrize(
    "text", ["15", "-0.1", "nan", "true", '"inclusive"', "{}", "{ standard = 15 }", "[0.15]"]
)
def test_what_is_no_tax(problems: Problems, text: str) -> None:
    """A percentage, a negative rate and anything else that is no fraction is refused."""
    (problem,) = problems(f"[store.shop.listing]\ntax = {text}\n")
    assert problem.startswith("store.shop.listing.tax: ")


def test_a_rate_is_kept_to_its_last_digit(read: Read) -> None:
    """A rate that binary floating point cannot hold arrives exactly."""
    listing = read("[store.shop.listing]\ntax = 0.12345678901234567890123\n").stores["shop"].listing
    assert str(listing.tax) == "0.12345678901234567890123"


@pytest.mark.parametrize(
    ("text", "expected"), [('"default"', "default"), ("1", 1), ("10", 10), ('"Wholesale"', "Wholesale")]
)
def test_price_tier(read: Read, text: str, expected: str | int) -> None:
    """A price tier is "default", a number from 1 to 10, or a name."""
    assert read(f"[store.shop.listing]\nprice_tier = {text}\n").stores["shop"].listing.price_tier == expected


@pytest.mark.parametrize("text", ["0", "11", "1.5", '""', "true"])
def test_what_is_no_price_tier(problems: Problems, text: str) -> None:
    """There are ten price tiers, and none of them is called nothing."""
    (problem,) = problems(f"[store.shop.listing]\nprice_tier = {text}\n")
    assert problem.startswith("store.shop.listing.price_tier: must be")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"off"', None),
        ('"0.0.0.0:80"', Listen("0.0.0.0", 80)),
        ('"[::1]:8642"', Listen("::1", 8642)),
    ],
)
def test_listen(read: Read, text: str, expected: Listen | None) -> None:
    """The page listens on an address and a port, or not at all."""
    assert read(f"[web]\nlisten = {text}\n").web.listen == expected


@pytest.mark.parametrize(
    "text", ['"8642"', '":8642"', '"localhost:"', '"localhost:0"', '"localhost:65536"', "8642"]
)
def test_what_is_no_place_to_listen(problems: Problems, text: str) -> None:
    """A port alone, or one that does not exist, is refused."""
    assert problems(f"[web]\nlisten = {text}\n")[0].startswith("web.listen: must be an address and a port")


def test_digest_is_a_time_in_utc(read: Read) -> None:
    """The digest goes out at a time of day in UTC."""
    assert read('[alerts]\ndigest = "07:00"\n').alerts.digest == time(7, tzinfo=UTC)


def test_since_is_an_instant(read: Read) -> None:
    """An instant with an offset becomes the same instant in UTC."""
    orders = read("[store.shop.orders]\nsince = 2026-11-21T13:00:00+13:00\n").stores["shop"].orders
    assert orders.since == datetime(2026, 11, 21, tzinfo=UTC)
    assert orders.since.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["2026-11-21T00:00:00", "2026-11-21", '"yesterday"', "1700000000"])
def test_since_without_its_offset_is_refused(problems: Problems, text: str) -> None:
    """A time whose zone one would have to guess is refused."""
    (problem,) = problems(f"[store.shop.orders]\nsince = {text}\n")
    assert problem.startswith("store.shop.orders.since: must")


def test_orders_wait_for_statuses(read: Read, problems: Problems) -> None:
    """Orders are taken when paid, or in the store's statuses that are listed."""
    assert read('[store.shop.orders]\nwhen = ["processing"]\n').stores["shop"].orders.when == ("processing",)
    assert problems('[store.shop.orders]\nwhen = "processing"\n')[0].startswith(
        "store.shop.orders.when: must be"
    )


@pytest.mark.parametrize("text", ['"house:"', '"house"', '"nobody"'])
def test_guests_are_created_or_go_to_a_house_customer(problems: Problems, text: str) -> None:
    """A house customer needs its code."""
    assert problems(f"[store.shop.customers]\nguests = {text}\n") == (
        'store.shop.customers.guests: must be "create" or "house:CODE".',
    )


def test_limits(read: Read, sound: str) -> None:
    """A limit says how many calls per clock window, and in which zone the window begins."""
    month = '{ calls = 5000, per = "month", zone = "Pacific/Auckland" }'
    text = sound.replace(
        "[store.shop]", f'limits = [{{ calls = 60, per = "minute" }}, {month}]\n[store.shop]'
    )
    limits = read(base=text).accounts["main"].limits
    assert [(limit.calls, limit.per, limit.zone) for limit in limits] == [
        (60, "minute", "UTC"),
        (5000, "month", "Pacific/Auckland"),
    ]


def test_a_limit_may_overflow(read: Read, sound: str) -> None:
    """Calls above a limit may be taken from a pool of a longer window, which has its own zone."""
    extra = '{ calls = 100, per = "day", zone = "Europe/Prague" }'
    limits = f'limits = [{{ calls = 10, per = "hour", overflow = {extra} }}, {{ calls = 9, per = "month" }}]'
    first, second = (
        read(base=sound.replace("[store.shop]", f"{limits}\n[store.shop]")).accounts["main"].limits
    )
    assert (first.calls, first.per, second.overflow) == (10, "hour", None)
    assert first.overflow is not None
    assert (first.overflow.calls, first.overflow.per, first.overflow.zone) == (100, "day", "Europe/Prague")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (
            '[{ calls = 5, per = "day", overflow = { calls = 9, per = "hour" } }]',
            "unleashed.main.limits[1].overflow: must be for a longer window than the day of its limit.",
        ),
        (
            '[{ calls = 5, per = "day", overflow = { calls = 9 } }]',
            'unleashed.main.limits[1].overflow.per: is required, for example per = "day".',
        ),
        (
            '[{ calls = 5, per = "hour", overflow = { calls = 9, per = "day", of = 1 } }]',
            "unleashed.main.limits[1].overflow.of: is unknown; known here: calls, per, zone.",
        ),
        ('[{ calls = 0, per = "day" }]', "unleashed.main.limits[1].calls: must be more than 0."),
        ("[{ calls = 5 }]", 'unleashed.main.limits[1].per: is required, for example per = "month".'),
        (
            '[{ calls = 5, per = "week" }]',
            "unleashed.main.limits[1].per: must be one of 'minute', 'hour', 'day', 'month'.",
        ),
        (
            '[{ calls = 5, per = "day", zone = "Mars/Crater" }]',
            (
                "unleashed.main.limits[1].zone: must be the name of a time zone, "
                'for example "UTC" or "Pacific/Auckland".'
            ),
        ),
        (
            '[{ calls = 5, per = "day", cals = 1 }]',
            "unleashed.main.limits[1].cals: is unknown; did you mean calls?",
        ),
        (
            '[{ calls = 5, per = "day" }, { calls = 6, per = "day" }]',
            "unleashed.main.limits: has two limits per day; keep the smaller one.",
        ),
    ],
)
def test_what_is_no_limit(problems: Problems, sound: str, limits: str, expected: str) -> None:
    """Each limit is judged in its place in the list."""
    assert problems(base=sound.replace("[store.shop]", f"limits = {limits}\n[store.shop]")) == (expected,)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("shop.example.test", 'must be an address like "https://shop.example"'),
        ("ftp://shop.example.test", 'must be an address like "https://shop.example"'),
        ("https://", 'must be an address like "https://shop.example"'),
        ("https://shop.example.test:port", 'must be an address like "https://shop.example"'),
        ("https://shop.example.test/?a=b", "must not have a query (?…) or a fragment (#…)"),
        ("https://jo:pw@shop.example.test", "must not contain a user name or a password"),
    ],
)
def test_addresses_are_plain(problems: Problems, sound: str, url: str, sentence: str) -> None:
    """An address has a scheme and a host, and neither a query nor credentials."""
    assert problems(base=sound.replace("https://shop.example.test", url)) == (
        f"store.shop.base_url: {sentence}.",
    )


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "127.9.9.9:1", "[::1]:80"])
def test_plain_http_to_this_machine(read: Read, sound: str, host: str) -> None:
    """Plain http is fine where nobody can listen."""
    settings = read(base=sound.replace("https://shop.example.test", f"http://{host}/wp/"))
    assert getattr(settings.stores["shop"], "base_url", "") == f"http://{host}/wp"


def test_plain_http_elsewhere_must_be_asked_for(read: Read, problems: Problems, sound: str) -> None:
    """Plain http to another machine is refused until `insecure` says that it is meant."""
    plain = sound.replace("https://shop", "http://shop")
    assert problems(base=plain)[0].startswith("store.shop.base_url: must be https")
    assert read("insecure = true\n", base=plain).stores["shop"].name == "shop"


@pytest.mark.parametrize(
    ("url", "upgrades"), [("sqlite:////data/syncd.db", True), ("postgresql+psycopg://syncd@db/syncd", False)]
)
def test_postgresql_is_upgraded_by_hand(read: Read, url: str, upgrades: bool) -> None:
    """Tables are brought up to date by themselves on SQLite only, unless one says otherwise."""
    assert read(f'[database]\nurl = "{url}"\n').database.auto_upgrade is upgrades
    assert read(f'[database]\nurl = "{url}"\nauto_upgrade = true\n').database.auto_upgrade is True


@pytest.mark.parametrize(
    "url", ["sqlite://", "syncd.db", "mysql://db/x", "postgresql://db/x", "postgres://db/x"]
)
def test_what_is_no_database(problems: Problems, url: str) -> None:
    """Only the two databases that syncd knows are taken, and SQLite only with a file."""
    assert problems(f'[database]\nurl = "{url}"\n')[0].startswith("database.url: must be")


def test_mail_password_needs_a_user(problems: Problems) -> None:
    """A mail password without a user name is a mistake."""
    mail = '[mail]\nhost = "smtp.example.test"\nfrom = "a@example.test"\nto = ["b@example.test"]\n'
    assert problems(f'{mail}password = "marked"\n') == ("mail.password: needs a username beside it.",)
