"""`syncd status` and `syncd why`: what is and why, without a single call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from syncd.app import App, open_app
from syncd.config import load
from syncd.flows.status import status
from syncd.state import runs
from tests.system.stage import CLOCK, Stage


@contextmanager
def opened(stage: Stage) -> Iterator[App]:
    """Open the stage's application as another process would."""
    app = open_app(load(stage.configure(), {}), CLOCK, "test")
    try:
        yield app
    finally:
        app.close()


def test_status_json_has_the_shape_of_the_contract(stage: Stage) -> None:
    """--json prints one object with exactly the promised keys at every level."""
    stage.account["limits"] = '[{ calls = 5000, per = "month" }]'
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    body = stage.run("status", "--json").json
    assert set(body) == {
        *("schema", "version", "database", "daemon", "accounts", "stores", "jobs", "problems"),
    }
    assert set(body["database"]) == {"kind", "revision", "head"}
    assert body["database"]["revision"] == body["database"]["head"]
    assert set(body["daemon"]) == {"state", "holder", "since"}
    [account] = body["accounts"]
    assert set(account) == {
        *("name", "products", "parked", "feeds", "purse", "certificates", "full_read"),
        *("freshness_s", "ghost_bound_s"),
    }
    assert [set(one) for one in account["certificates"]] == [
        {"feed", "warehouse", "rows", "started_at", "ended_at"}
    ] * 2
    assert (account["full_read"], set(account["ghost_bound_s"])) == ([], {"unleashed", "store"})
    assert [set(feed) for feed in account["feeds"]] == [
        {"feed", "warehouse", "watermark", "completed_at"}
    ] * 2
    [purse] = account["purse"]
    assert set(purse) == {"per", "limit", "spent", "resets_at"}
    assert (purse["per"], purse["limit"], purse["spent"]) == ("month", 5000, len(stage.unleashed.calls))
    [store] = body["stores"]
    assert set(store) == {
        *("name", "kind", "account", "mode", "linked", "adopted", "behind", "oldest_behind_s"),
        *("parked", "held", "ambiguous", "would_write", "would_hold"),
        *("orders", "oldest_order_s", "ambiguous_customers"),
    }
    assert (store["linked"], store["adopted"], store["behind"]) == (1, 1, 0)
    ran = [job for job in body["jobs"] if job["last"]]
    assert {tuple(job) for job in body["jobs"]} == {("job", "account", "store", "next_at", "last")}
    assert [(job["job"], job["store"]) for job in body["jobs"][2:]] == [
        ("sweep", None),
        ("rotation", "shop"),
        ("orders", "shop"),
        ("customers", None),
    ]
    for job in ran:
        assert set(job["last"]) == {"run", "outcome", "started_at", "ended_at", "calls", "error"}
        assert set(job["last"]["calls"]) == {"unleashed", "store"}
    assert [(job["job"], job["store"]) for job in ran] == [("recent", None), ("recent", "shop")]
    times = [job["last"]["started_at"] for job in ran] + [purse["resets_at"]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)


def test_status_asks_nobody(stage: Stage) -> None:
    """Neither status nor why makes a call, not even on an empty database."""
    assert stage.run("status").code == 0
    stage.run("why", "TEA-1")
    assert (stage.unleashed.calls, stage.shop.calls) == ([], [])


def test_status_tells_whether_the_daemon_runs(stage: Stage) -> None:
    """The daemon that holds the lease is named; without one it is said that none runs."""
    assert "The daemon is not running." in stage.run("status").out
    assert stage.run("status", "--json").json["daemon"] == {"state": "stopped", "holder": None, "since": None}
    with stage.other_process("daemon 7 on elsewhere", "daemon"):
        assert "The daemon runs as daemon 7 on elsewhere." in stage.run("status").out
        assert stage.run("status", "--json").json["daemon"]["state"] == "running"


def test_status_fits_into_a_mail(stage: Stage) -> None:
    """No line of the tables is wider than 80 characters or broken."""
    stage.put_on_sale()
    stage.run("once", "recent")
    lines = stage.run("status").out.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    assert any(re.match(r"recent +account main +\d\d \w{3} \d\d:\d\d +done", line) for line in lines)


def test_status_with_problems_is_exit_code_1(stage: Stage) -> None:
    """A run that failed is a problem with its remedy until one has gone well; --check prints only that."""
    stage.put_on_sale()
    stage.account["api_key"] = '"a-wrong-key"'
    stage.run("resync", "TEA-1")
    stage.account.clear()
    done = stage.run("status", "--check")
    assert done.code == 1
    assert done.out.startswith("Problem: resync: account main refused")
    assert "then run `syncd check`." in done.out
    [problem] = stage.run("status", "--json").json["problems"]
    assert set(problem) == {"what", "do"}
    stage.run("once", "recent")
    assert (stage.run("status", "--check").code, stage.run("status", "--check").out) == (0, "No problems.\n")


def test_status_tells_of_a_run_whose_process_is_gone(stage: Stage) -> None:
    """Without a daemon too, a run that was killed is a problem until the next one has gone well."""
    stage.put_on_sale()
    with opened(stage) as app, app.db.write() as conn:
        runs.start(conn, "recent", 1, None, "command 1 on elsewhere", CLOCK.now())
    done = stage.run("status", "--json")
    assert (done.code, done.json["jobs"][0]["last"]["outcome"]) == (1, "killed")
    assert "recent: its process ended before it did" in done.json["problems"][0]["what"]
    stage.run("once", "recent")
    assert stage.run("status", "--check").code == 0


def test_status_names_what_waits_for_a_person(stage: Stage) -> None:
    """A code that is twice in the shop is a problem that names the code, brackets and all."""
    stage.shop.settings.unique_skus = False
    stage.put_on_sale("TEA [/50g]", listed=2)
    stage.shelf.add_simple("TEA [/50g]", "The other", "10", 2)
    assert stage.run("once", "recent").code == 1
    done = stage.run("status", "--check")
    assert done.code == 1
    assert "store shop: TEA [/50g]:" in done.out
    assert stage.run("status", "--json").json["stores"][0]["ambiguous"] == 1


def test_status_tells_how_far_a_store_is_behind(stage: Stage) -> None:
    """Listings that wait longer than promised are a problem, with their number and age."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.store["base_url"] = '"http://127.0.0.1:1"'
    stage.run("once", "recent")
    behind = stage.run("status", "--json").json["stores"][0]
    assert (behind["behind"], behind["oldest_behind_s"] in range(60)) == (1, True)
    with opened(stage) as app:
        later = CLOCK.now() + timedelta(hours=3)
        found = status(app.db, {"main": ()}, {"shop": "live"}, later)
    assert any("1 listings are behind, the oldest for 3 hours" in each.what for each in found.problems)


def test_status_forgets_what_is_no_longer_configured(stage: Stage) -> None:
    """A failed run of a store that was taken out of the configuration is no problem any more."""
    stage.put_on_sale()
    stage.more = stage.second_store("corner").replace(stage.shop_url, "http://127.0.0.1:1")
    stage.run("once", "recent")
    assert stage.run("status", "--check").code == 1
    stage.more = ""
    assert stage.run("status", "--check").code == 0


def test_why_names_each_rule(stage: Stage) -> None:
    """Each field is told with its rule, and stock with what was last written, when, and in which run."""
    stage.put_on_sale("TEA-1", price="10", stock=5, listed=0)
    stage.run("once", "recent")
    done = stage.run("why", "TEA-1")
    assert done.code == 0
    assert "TEA-1 in shop: linked to id 11 (adopted: only stock is written)" in done.out
    assert (
        "  price: the store's own until adopted; Unleashed says 10 (default sell price, ex tax)" in done.out
    )
    assert re.search(r"  stock: 5 \(available 5\); written 5 at 20\S+Z in run \d+\n", done.out)


def test_why_json_names_each_rule(stage: Stage) -> None:
    """--json prints one object per store with every field's value and rule."""
    guid = stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    body = stage.run("why", "TEA-1", "--json").json
    [item] = body["items"]
    assert (body["schema"], body["code"], item["store"], item["guid"]) == (1, "TEA-1", "shop", guid)
    assert [field["field"] for field in item["fields"]] == ["name", "price", "stock", "status"]
    stock = item["fields"][2]
    assert (stock["value"], stock["last_written"], stock["held"]) == ("5", "5", False)
    assert item["stock"][0]["available"] == "5"


def test_why_of_an_unknown_code_says_how_to_read_it(stage: Stage) -> None:
    """A code that the mirror does not have is exit code 1, in both forms."""
    done = stage.run("why", "TEA 9")
    assert done.code == 1
    assert "syncd resync 'TEA 9'" in done.text
    assert stage.run("why", "TEA 9", "--json").json["items"] == []


def test_why_refuses_an_unknown_store(stage: Stage) -> None:
    """A store that is not configured is a usage error."""
    assert stage.run("why", "TEA-1", "--store", "shap").code == 2


@pytest.mark.parametrize("mode", ["live", "shadow"])
def test_why_says_why_a_price_is_not_written(stage: Stage, mode: str) -> None:
    """A price held because the shop's prices include tax is told as that, live or in shadow."""
    stage.store["mode"] = f'"{mode}"'
    stage.shop.settings.calc_taxes = stage.shop.settings.prices_include_tax = True
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    price = stage.run("why", "TEA-1", "--json").json["items"][0]["fields"][1]
    assert (price["value"], price["held"]) == (None, True)
    assert "tax" in price["rule"]
