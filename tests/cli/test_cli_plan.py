"""`syncd plan`: how often, how fresh and at what cost, without a single call."""

from __future__ import annotations

import re

import pytest

from tests.system.stage import Stage

MERCHANT = ("plan", "--skus", "12000", "--orders", "60/day", "--calls", "5000/month")


def test_plan_of_a_merchant_without_an_account(stage: Stage) -> None:
    """Figures alone are enough: schedule, freshness, ghost bound, calls by purpose and what is spare."""
    done = stage.run(*MERCHANT)
    assert (done.code, done.err) == (0, "")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert lines[0] == "12,000 products, 1 stock feed, 60 orders a day, 5,000 calls a month"
    assert "products and stock every 48 min 1,800 1,800" in lines
    assert "sweep (everything in full) every 21 h 823 68" in lines
    assert "spare 517 no limit" in lines
    assert "A change reaches the store within 1 h 39 min, also when one poll fails." in lines
    assert "Ghost bound: what no feed reported is found within 23 h in Unleashed, 26 h in the store." in lines
    assert max(len(line.rstrip()) for line in done.out.splitlines()[:10]) <= 80
    assert stage.unleashed.calls == []


def test_plan_refuses_and_names_the_smallest_change(stage: Stage) -> None:
    """What does not fit is exit code 1, with the figures and what would fit."""
    done = stage.run("plan", "--skus", "12000", "--orders", "150/day", "--calls", "5000/month")
    assert done.code == 1
    assert "Orders alone are 4,500 of 5,000 calls a month;" in done.out
    assert "6,749 calls a month would fit; or at most 97 orders a day." in done.out


def test_plan_json(stage: Stage) -> None:
    """--json prints one object per plan: times in seconds, calls of 30 days."""
    body = stage.run(*MERCHANT, "--json").json
    [found] = body["plans"]
    assert (body["schema"], found["account"], found["fits"], found["refusals"]) == (1, None, True, [])
    assert found["schedule"] == {"recent_s": 2880, "customers_s": None, "sweep_s": 75600, "rotation": None}
    assert (found["freshness_s"], found["ghost_bound_s"]) == (5896, {"unleashed": 82800, "store": 93600})
    assert found["calls"]["by_purpose"]["sweep"] == 823
    assert (found["calls"]["total"], found["calls"]["spare"]) == (4483, 517)
    assert found["stores"][0]["looks"] == {"every_s": 3600, "calls": 5}


def test_plan_json_of_a_refusal(stage: Stage) -> None:
    """A refusal says why, and each change by its kind."""
    body = stage.run(*MERCHANT[:3], "--orders", "150", "--calls", "5000/month", "--json")
    [found] = body.json["plans"]
    assert (body.code, found["fits"]) == (1, False)
    assert [change["what"] for change in found["refusals"][0]["changes"]] == ["calls", "orders"]


def test_plan_of_what_is_configured(stage: Stage) -> None:
    """Without --skus the accounts are planned as mirror and configuration have them, with what-ifs."""
    stage.account["limits"] = '[{ calls = 5000, per = "month" }]'
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    calls = len(stage.unleashed.calls)
    [found] = stage.run("plan", "--json").json["plans"]
    assert (found["account"], found["profile"]["skus"]) == ("main", 1)
    assert found["profile"]["limits"] == [{"calls": 5000, "per": "month", "overflow": None}]
    assert [store["name"] for store in found["stores"]] == ["shop"]
    assert stage.run("plan", "--calls", "1000/month").code == 1
    assert stage.run("plan", "--orders", "200").code == 1
    assert len(stage.unleashed.calls) == calls


@pytest.mark.parametrize(
    "said",
    [
        ("--calls", "5000"),
        ("--calls", "0/month"),
        ("--calls", "5000/year"),
        ("--calls", "5/hour", "--calls", "6/hour"),
        ("--orders", "many"),
        ("--orders", "-5"),
        ("--changes", "5/year"),
        ("--warehouses", "0"),
    ],
)
def test_plan_refuses_what_it_cannot_read(stage: Stage, said: tuple[str, ...]) -> None:
    """A figure that is none is a usage error."""
    assert stage.run("plan", "--skus", "100", *said).code == 2


def test_status_says_what_does_not_fit(stage: Stage) -> None:
    """A limit that holds no plan is a problem with its remedy; what is due goes on."""
    stage.account["limits"] = '[{ calls = 1000, per = "month" }]'
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    done = stage.run("status", "--check")
    assert done.code == 1
    assert "account main: no plan fits: Products and stock at the slowest" in done.out
    assert "calls a month would fit" in done.out
    assert stage.stock() == 5


def test_status_says_what_was_proven(stage: Stage) -> None:
    """Each feed's certificate is told with its age, and the ghost bound of both sides."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    out = stage.run("status").out
    assert re.search(r"main: products: complete: 1 of 1, \d min ago", out)
    assert "main: ghost bound: 26 h in Unleashed, 26 h in the store" in out


def test_once_sweep_reads_everything(stage: Stage) -> None:
    """`once sweep` reads every feed in full, pushes what differs, and says so in figures."""
    guid = stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    stage.books.set_stock(guid, "W1", 9, bump=False)
    done = stage.run("once", "sweep")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "account main: done: 2 read (2 Unleashed calls)"
    assert stage.stock() == 9


def test_once_rotation_verifies_one_share(stage: Stage) -> None:
    """`once rotation` reads one list of the oldest products and looks at their listings in the shop."""
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    stage.shelf.with_sku("TEA-1")[0].stock_quantity = 77
    done = stage.run("once", "rotation")
    assert done.code == 0
    assert done.out.splitlines()[0] == "account main: done: 2 read (2 Unleashed calls)"
    assert stage.stock() == 5
