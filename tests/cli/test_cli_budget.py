"""`syncd budget`: what is spent, by whom, how long the rest lasts; no call is made for it."""

from __future__ import annotations

import re

from tests.system.stage import Stage

MONTH = '[{ calls = 5000, per = "month" }]'
BRONZE = '[{ calls = 10, per = "hour", overflow = { calls = 100, per = "day", zone = "Europe/Prague" } }]'


def test_budget_json_has_one_shape(stage: Stage) -> None:
    """--json tells every pool, who spent it and what is left to higher ranks, and makes no call."""
    stage.account["limits"] = MONTH
    stage.store["limits"] = BRONZE
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    calls = len(stage.unleashed.calls), len(stage.shop.calls)
    done = stage.run("budget", "--json")
    body = done.json
    assert (done.code, len(stage.unleashed.calls), len(stage.shop.calls)) == (0, *calls)
    assert set(body) == {"schema", "purses"}
    account, store = body["purses"]
    assert set(account) == {"kind", "name", "asleep_until", "pools", "month", "purposes"}
    assert (account["kind"], account["name"], store["kind"], store["name"]) == (
        "account",
        "main",
        "store",
        "shop",
    )
    [pool] = account["pools"]
    assert set(pool) == {
        *("per", "overflow", "limit", "spent", "billed", "failed", "resets_at", "runs_out_at", "reserves"),
    }
    assert (pool["per"], pool["overflow"], pool["limit"], pool["spent"]) == ("month", False, 5000, calls[0])
    assert re.fullmatch(r"\d{4}-\d\d-01T00:00:00Z", pool["resets_at"])
    assert pool["reserves"]["orders"] == 0
    assert list(pool["reserves"]) == ["orders", "resync", "recent", "customers", "rotation"]
    assert [(each["per"], each["overflow"], each["limit"]) for each in store["pools"]] == [
        ("hour", False, 10),
        ("day", True, 100),
    ]
    [purpose] = account["purposes"]
    assert set(purpose) == {"purpose", "rank", "month", "today", "per_day"}
    assert (purpose["purpose"], purpose["rank"], purpose["per_day"]) == ("recent", 2, f"{calls[0]:.1f}")
    assert purpose["month"] == {"attempts": calls[0], "billed": calls[0], "failed": 0}
    assert account["month"] == {"counted": calls[0], "others": 0}


def test_budget_reads_well(stage: Stage) -> None:
    """The text names pools and purposes with their figures, and whether the rest lasts, in 80 columns."""
    stage.account["limits"] = MONTH
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    calls = len(stage.unleashed.calls)
    text = stage.run("budget").out
    assert re.search(rf"month +5000 +{calls} +{calls} +0 +\d\d \w+ 00:00 +\S+", text)
    assert re.search(rf"recent +{calls} +{calls} +0 +{calls} +{calls}\.0", text)
    assert re.search(rf"in all +{calls}", text)
    assert "store shop" in text
    assert max(len(line.rstrip()) for line in text.splitlines() if "left to higher" not in line) <= 80


def test_the_larger_figure_wins(stage: Stage) -> None:
    """--used takes the month's figure of Unleashed's own page if it is larger, and says which one counts."""
    stage.account["limits"] = MONTH
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    calls = len(stage.unleashed.calls)
    more = stage.run("budget", "--used", "1234")
    assert f"account main: 1234 calls this month, {1234 - calls} more than were counted here" in more.out
    assert re.search(rf"other programs +{1234 - calls}", more.out)
    fewer = stage.run("budget", "--used", "7")
    assert "account main: 1234 calls were counted here this month; the larger count stays." in fewer.out
    body = stage.run("budget", "--json").json
    assert body["purses"][0]["pools"][0]["spent"] == 1234
    assert body["purses"][0]["month"] == {"counted": 1234, "others": 1234 - calls}


def test_what_others_spent_stops_us(stage: Stage) -> None:
    """Once Unleashed's page says that the month is spent, no further call is made; exit code 3."""
    stage.account["limits"] = MONTH
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    assert stage.run("budget", "--used", "5000").code == 0
    done = stage.run("once", "recent")
    assert (done.code, len(stage.unleashed.calls)) == (3, 0)
    assert "account main has spent 5000 of 5000 calls this month" in done.text


def test_which_account_must_be_said(stage: Stage) -> None:
    """A figure needs one account; one that is not configured, or a figure below zero, is a usage error."""
    stage.more = '[unleashed.second]\napi_id = "00000000-0000-0000-0000-000000000002"\napi_key = "x"\n'
    stage.store["account"] = '"main"'
    both = stage.run("budget", "--used", "5")
    assert (both.code, "--account: main, second" in both.text) == (2, True)
    unknown = stage.run("budget", "--account", "third")
    assert (unknown.code, "There is no account 'third'" in unknown.text) == (2, True)
    assert stage.run("budget", "--used", "-1", "--account", "main").code == 2
    one = stage.run("budget", "--used", "5", "--account", "second", "--json")
    assert [each["name"] for each in one.json["purses"]] == ["second"]
    assert one.json["purses"][0]["month"] == {"counted": 5, "others": 5}
