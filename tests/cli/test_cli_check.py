"""`syncd check`: what would hold, park or mislead is found, with its remedy, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncd.emulator.unleashed_settings import Settings as UnleashedSettings
from tests.system.stage import CLOCK, Stage, Told


def told(stage: Stage, *words: str) -> Told:
    """Run check and hold it to what is always true: no call goes uncounted, and nothing is written."""
    before = len(stage.unleashed.calls), len(stage.shop.calls)
    done = stage.run("check", *words, "--json")
    calls = len(stage.unleashed.calls) - before[0], len(stage.shop.calls) - before[1]
    assert done.json["calls"]["unleashed"] >= calls[0]
    assert done.json["calls"]["store"] >= calls[1]
    methods = {call.method for call in stage.unleashed.calls} | {call.method for call in stage.shop.calls}
    assert methods <= {"GET"}
    return done


def problems(done: Told) -> list[tuple[str, str, str]]:
    bad = [each for each in done.json["findings"] if each["level"] in ("problem", "unreachable")]
    return [(each["about"], each["what"], each["do"]) for each in bad]


def test_check_passes_with_warnings(stage: Stage) -> None:
    """A set-up that only lacks mail and limits passes with exit code 0, and both are named."""
    stage.put_on_sale()
    done = told(stage)
    warnings = [each for each in done.json["findings"] if each["level"] == "warning"]
    assert (done.code, problems(done)) == (0, [])
    assert [each["about"] for each in warnings] == ["mail", "account main"]
    assert all(each["do"] for each in warnings)


def test_check_reads_like_a_list(stage: Stage) -> None:
    """For a person each side has its line, and the calls spent are the last one."""
    stage.put_on_sale()
    lines = stage.run("check").out.splitlines()
    assert lines[0].startswith("ok      database: sqlite, revision")
    assert any(line.startswith("ok      account main: signed in to Unleashed") for line in lines)
    assert any(line.startswith("ok      store shop: signed in to woocommerce:127.0.0.1") for line in lines)
    assert lines[-1] == f"{len(stage.unleashed.calls)} Unleashed calls, {len(stage.shop.calls)} store calls"


def _unknown_warehouse(stage: Stage) -> None:
    stage.listing["warehouses"] = '["W1", "W9"]'


def _wrong_tier(stage: Stage) -> None:
    stage.listing["price_tier"] = '"Wholesale"'
    stage.books.tier_names[0] = "Retail"


def _taxed_prices(stage: Stage) -> None:
    stage.shop.settings.calc_taxes = stage.shop.settings.prices_include_tax = True


def _other_currency(stage: Stage) -> None:
    stage.shop.settings.currency = "AUD"


def _no_stock_keeping(stage: Stage) -> None:
    stage.shop.settings.manage_stock = False


@pytest.mark.parametrize(
    ("spoil", "what", "do"),
    [
        (_unknown_warehouse, "no warehouse with the code W9", "codes that exist: W1"),
        (_wrong_tier, "no price tier Wholesale", "one of: 1 (Retail)"),
        (_taxed_prices, "the store's prices include tax", "tax = 0.15"),
        (_other_currency, "the store sells in AUD, Unleashed's prices are in NZD", "listing.fields"),
        (_no_stock_keeping, "stock management switched off", "WooCommerce > Settings"),
    ],
)
def test_check_finds_what_would_hold_or_mislead(
    stage: Stage, spoil: Callable[[Stage], None], what: str, do: str
) -> None:
    """A setting that does not fit is one problem with its remedy, and exit code 1."""
    stage.put_on_sale()
    spoil(stage)
    done = told(stage)
    [(about, said, remedy)] = problems(done)
    assert (done.code, about) == (1, "store shop")
    assert what in said
    assert do in remedy


def test_check_refuses_another_shop_until_it_is_accepted(stage: Stage) -> None:
    """An address that answers as another shop is a problem; --accept-identity confirms the move."""
    stage.run("check")
    stage.store["base_url"] = f'"{stage.shop_url.replace("127.0.0.1", "localhost")}"'
    done = told(stage)
    [(_, said, remedy)] = problems(done)
    assert done.code == 1
    assert "was woocommerce:127.0.0.1:" in said
    assert "answers as woocommerce:localhost:" in said
    assert "syncd check --accept-identity shop" in remedy
    assert told(stage, "--accept-identity", "shop").code == 0
    assert told(stage).code == 0


def test_check_accepts_no_identity_of_an_unknown_store(stage: Stage) -> None:
    """--accept-identity with a name that is not configured is a mistake of the command."""
    done = stage.run("check", "--accept-identity", "shap")
    assert (done.code, done.out) == (2, "")
    assert "no store shap" in done.err
    assert "Configured: shop." in done.err


@pytest.mark.parametrize("status", [401, 403])
def test_check_tells_a_wrong_unleashed_key(stage: Stage, status: int) -> None:
    """A refused Unleashed key is exit code 3 and says where to look; the shop is checked all the same."""
    stage.unleashed.settings = UnleashedSettings(bad_key_status=status)  # type: ignore[arg-type]
    stage.account["api_key"] = '"another-key"'
    done = told(stage)
    [(about, said, remedy)] = problems(done)
    assert (done.code, about) == (3, "account main")
    assert "the API id or the API key is wrong" in said
    assert "Integration > Unleashed API Access" in remedy
    assert done.json["calls"]["store"] > 0


def test_check_tells_a_wrong_shop_key(stage: Stage) -> None:
    """A refused WooCommerce key is exit code 3 and says where keys are made."""
    stage.store["consumer_secret"] = '"cs_another"'
    done = told(stage)
    [(about, _, remedy)] = problems(done)
    assert (done.code, about) == (3, "store shop")
    assert "REST API" in remedy


def test_check_tells_who_cannot_be_reached(stage: Stage) -> None:
    """A side that is switched off is exit code 3, whatever the other one says."""
    stage.store["base_url"] = '"http://127.0.0.1:1"'
    stage.shop.settings.currency = "AUD"
    done = told(stage)
    [(about, said, remedy)] = problems(done)
    assert (done.code, about) == (3, "store shop")
    assert "store shop cannot be reached" in said
    assert remedy


def test_check_says_when_the_calls_are_spent(stage: Stage) -> None:
    """Without a call left nothing is asked, and the time at which it goes on is told."""
    stage.account["limits"] = '[{ calls = 1, per = "month" }]'
    stage.run("check")
    done = told(stage)
    [(_, said, _)] = problems(done)
    month = f"{CLOCK.now():%Y-%m}"
    assert done.code == 3
    assert said.startswith("account main has spent 1 of 1 calls this month; goes on ")
    assert month not in said.partition("goes on ")[2]


def test_check_names_an_account_without_a_store(stage: Stage) -> None:
    """An account that no store uses is a warning: it would be pulled for nobody."""
    stage.more = (
        '[unleashed.spare]\napi_id = "a"\napi_key = "some-other-key"\nbase_url = "http://127.0.0.1:1"'
    )
    stage.store["account"] = '"main"'
    done = told(stage)
    assert {"account spare"} <= {each["about"] for each in done.json["findings"]}
    assert any(each["what"] == "no store uses it" for each in done.json["findings"])
