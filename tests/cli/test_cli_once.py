"""`syncd once`: a job done now, told in figures, with an exit code that a script can trust."""

from __future__ import annotations

import json

from tests.system.stage import API_KEY, CONSUMER_SECRET, Stage

RUN_KEYS = {
    *("account", "store", "outcome", "read", "written", "created", "unchanged", "held", "parked"),
    *("calls", "error", "do"),
}


def test_once_recent_carries_a_change_over(stage: Stage) -> None:
    """What Unleashed has is in the shop afterwards, and each side's run says what it did."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    done = stage.run("once", "recent")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "account main: done: 2 read (4 Unleashed calls)",
        "store shop: done: 1 looked at, 1 written, 0 created, 0 already right (6 store calls)",
    ]
    assert stage.stock() == 5


def test_once_json_has_the_shape_of_the_contract(stage: Stage) -> None:
    """--json prints one object with exactly the promised keys, for the account and for each store."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.put_on_sale("TEA-2", stock=5, listed=5)
    body = stage.run("once", "recent", "--json").json
    account, store = body["runs"]
    assert set(body) == {"schema", "job", "dry_run", "runs"}
    assert (body["schema"], body["job"], body["dry_run"]) == (1, "recent", False)
    assert set(account) == set(store) == RUN_KEYS
    assert (account["account"], account["store"], account["outcome"]) == ("main", None, "done")
    assert (store["account"], store["store"], store["outcome"]) == ("main", "shop", "done")
    assert (account["read"], store["read"], store["written"], store["unchanged"]) == (4, 2, 1, 1)
    assert set(account["calls"]) == {"unleashed", "store"}
    assert account["calls"] == {"unleashed": len(stage.unleashed.calls), "store": 0}
    assert store["calls"] == {"unleashed": 0, "store": len(stage.shop.calls)}


def test_once_dry_run_writes_nothing_and_moves_no_link(stage: Stage) -> None:
    """--dry-run ends well although there would be writes, and the next real run still does them."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    done = stage.run("once", "recent", "--dry-run", "--json")
    assert done.code == 0
    assert done.json["dry_run"] is True
    assert done.json["runs"][1]["written"] == 0
    assert stage.shop.writes() == []
    assert stage.stock() == 0
    assert stage.run("status", "--json").json["stores"][0]["linked"] == 0
    told = stage.run("once", "recent", "--dry-run").out
    assert "1 to be written (dry run: nothing was)" in told
    assert "TEA-1: stock: 0 → 5 (available 5)" in told
    assert stage.run("once", "recent", "--json").json["runs"][1]["written"] == 1


def test_once_in_shadow_mode_says_what_it_kept_back(stage: Stage) -> None:
    """A store in shadow mode is looked at and reported on, but never written to."""
    stage.store["mode"] = '"shadow"'
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    done = stage.run("once", "recent")
    assert done.code == 0
    assert "1 not written (shadow mode)" in done.out
    assert stage.shop.writes() == []


def test_once_refuses_an_unknown_job(stage: Stage) -> None:
    """A job that there is not is a usage error that names those that there are."""
    done = stage.run("once", "recnt")
    assert (done.code, done.out) == (2, "")
    said = "recent, rotation, sweep, orders, customers, write_back, tidy, notify"
    assert f"Jobs of this version: {said}." in done.err


def test_once_refuses_an_unknown_store(stage: Stage) -> None:
    """A store that is not configured is a usage error that names those that are, before any call."""
    done = stage.run("once", "recent", "--store", "shap", "--json")
    assert (done.code, done.out) == (2, "")
    assert "Configured: shop." in done.err
    assert stage.unleashed.calls == []


def test_once_with_a_wrong_key_says_so_once(stage: Stage) -> None:
    """A wrong Unleashed key is one clear sentence with its remedy and exit code 3, and shows no secret."""
    stage.account["api_key"] = '"a-wrong-key"'
    done = stage.run("once", "recent")
    assert done.code == 3
    assert done.text.count("the API id or the API key is wrong") == 1
    assert "then run `syncd check`." in done.err
    assert "Traceback" not in done.text
    assert "a-wrong-key" not in done.text


def test_once_with_a_wrong_key_still_prints_one_object(stage: Stage) -> None:
    """With --json the failure is in the object and, for whoever reads along, on stderr."""
    stage.account["api_key"] = '"a-wrong-key"'
    done = stage.run("once", "recent", "--json")
    run = done.json["runs"][0]
    assert (done.code, run["outcome"]) == (3, "failed")
    assert run["error"] in done.err
    assert run["do"] in done.err


def test_once_pushes_although_unleashed_is_down(stage: Stage) -> None:
    """A pull that fails does not keep what is already in the mirror from the store."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent", "--dry-run")
    stage.account["base_url"] = '"http://127.0.0.1:1"'
    done = stage.run("once", "recent")
    assert done.code == 3
    assert "account main cannot be reached" in done.err
    assert stage.stock() == 5


def test_once_with_a_spent_purse_says_when_it_goes_on(stage: Stage) -> None:
    """A spent purse is exit code 3 with the contract's sentence, and keeps what was read."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.account["limits"] = '[{ calls = 5, per = "month" }]'
    assert stage.run("once", "recent").code == 0
    assert stage.run("once", "recent").code == 3
    done = stage.run("once", "recent", "--json")
    run = done.json["runs"][0]
    assert (done.code, run["outcome"], run["calls"]["unleashed"]) == (3, "paused", 0)
    assert run["error"].startswith("recent paused: account main has spent 5 of 5 calls this month; goes on ")
    assert run["error"].endswith("-01T00:00:00Z")
    assert stage.stock() == 5


def test_once_tells_of_a_row_it_cannot_read_only_once(stage: Stage) -> None:
    """A row newly parked is exit code 1; as long as it stays, it shows in status, not in the exit code."""
    guid = stage.put_on_sale("TEA-1")
    stage.put_on_sale("TEA-2", stock=7, listed=0)
    stage.unleashed.mischief.poison("Products", guid, lambda row: row.replace('"TEA-1"', "null"))
    first = stage.run("once", "recent", "--json")
    assert (first.code, first.json["runs"][0]["parked"]) == (1, 1)
    assert stage.stock("TEA-2") == 7
    assert stage.run("once", "recent").code == 0
    assert "is parked" in stage.run("status", "--check").out


def test_once_names_who_is_at_it(stage: Stage) -> None:
    """A lease that another process holds is exit code 1 and names the holder."""
    stage.put_on_sale()
    with stage.other_process("the daemon of somebody", "pull:1"):
        done = stage.run("once", "recent", "--json")
    assert done.code == 1
    assert "the daemon of somebody" in done.json["runs"][0]["error"]


def test_once_never_shows_a_secret(stage: Stage) -> None:
    """Whatever goes wrong, no key or secret reaches the terminal, not even with the debug log on."""
    stage.more = '[log]\nlevel = "debug"'
    stage.put_on_sale()
    stage.unleashed.faults.add("html")
    stage.shop.faults.add("status", status=500, times=2)
    done = stage.run("once", "recent")
    assert done.code == 3
    for secret in (API_KEY, CONSUMER_SECRET):
        assert secret not in done.text


def test_once_tidy_does_its_job(stage: Stage) -> None:
    """The tidy job asks each side what it is, and writes nothing anywhere."""
    body = stage.run("once", "tidy", "--json").json
    assert [(run["store"], run["outcome"]) for run in body["runs"]] == [(None, "done"), ("shop", "done")]
    assert [run["calls"]["unleashed"] for run in body["runs"]] == [2, 0]
    assert stage.shop.writes() == []


def test_once_as_a_process_keeps_stdout_for_the_object(stage: Stage) -> None:
    """As a real process: one JSON object on stdout, all else on stderr, the exit code of the contract."""
    stage.account["api_key"] = '"a-wrong-key"'
    stage.configure()
    with stage.process("once", "recent", "--json") as child:
        out, err = child.communicate(timeout=30)
    assert child.returncode == 3
    assert json.loads(out)["runs"][0]["outcome"] == "failed"
    assert "the API id or the API key is wrong" in err
    assert "Traceback" not in err
