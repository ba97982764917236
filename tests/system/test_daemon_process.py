"""The daemon as an operator has it: a process that starts, works, drains, dies, and is followed."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from syncd.cli.health import main as ask_health
from syncd.emulator.woocommerce import WooCommerceEmulator
from tests.system.stage import (
    CLOCK,
    CONSUMER_KEY,
    Stage,
    Told,
    clean_environment,
    end,
    free_port,
    health,
    wait_until,
)

QUICK = ("run", "--tick", "0.1")


def port_of(stage: Stage) -> int:
    return int(stage.listen.rpartition(":")[2])


def is_running(stage: Stage) -> bool:
    return health(port_of(stage)) == (200, "running")


def wait_for_end(child: subprocess.Popen[str], seconds: float = 20) -> Told:
    out, err = child.communicate(timeout=seconds)
    return Told(child.returncode, out, err)


def outcomes(stage: Stage) -> list[str | None]:
    """Return how each run ended, oldest first."""
    with closing(sqlite3.connect(stage.folder / "syncd.db")) as database:
        return [row[0] for row in database.execute("SELECT outcome FROM run ORDER BY id")]


def events(told: Told) -> list[str]:
    """Return the log's events; fails if a line of it is no JSON object."""
    return [json.loads(line)["event"] for line in told.err.splitlines()]


def test_the_daemon_starts_loads_and_drains(stage: Stage) -> None:
    """It carries everything over at once, says running, and SIGTERM ends it with exit code 0."""
    for number in range(20):
        stage.put_on_sale(f"TEA-{number}", stock=number + 1, listed=0)
    stage.configure()
    with stage.process(*QUICK) as child:
        wait_until(lambda: is_running(stage), "the daemon runs")
        wait_until(lambda: stage.stock("TEA-19") == 20, "the stock arrives")
        done = end(child)
    assert (done.code, done.out) == (0, "")
    assert [stage.stock(f"TEA-{number}") for number in range(20)] == list(range(1, 21))
    assert {"daemon.leads", "daemon.ready", "pull.done", "push.done"} <= set(events(done))
    assert events(done)[-1] == "daemon.stopped"
    assert stage.run("status", "--json").json["daemon"]["state"] == "stopped"


def test_a_second_daemon_stands_by_and_takes_over(stage: Stage) -> None:
    """On the same database the second one says standby; when the first is killed it leads."""
    stage.put_on_sale()
    first, second = port_of(stage), free_port()
    stage.configure()
    other = stage.folder / "other.toml"
    other.write_text(stage.toml().replace(str(first), str(second)))
    with stage.process(*QUICK) as one:
        wait_until(lambda: health(first) == (200, "running"), "the first one leads")
        with stage.process("--config", "other.toml", *QUICK) as two:
            wait_until(lambda: health(second) == (200, "standby"), "the second one stands by")
            one.kill()
            wait_until(lambda: health(second) == (200, "running"), "the second one leads")
            assert end(two).code == 0


def test_sigterm_drains_the_batch_under_way(stage: Stage) -> None:
    """A batch that is being written when SIGTERM comes is finished, /health says draining meanwhile."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.configure()
    stage.shop_gate.shut("POST")
    with stage.process(*QUICK) as child:
        assert stage.shop_gate.waiting.wait(20)
        child.send_signal(signal.SIGTERM)
        wait_until(lambda: health(port_of(stage)) == (503, "draining"), "the daemon drains")
        stage.shop_gate.release()
        done = wait_for_end(child)
    assert done.code == 0
    assert stage.stock("TEA-1") == 5
    assert stage.run("status", "--json").json["stores"][0]["behind"] == 0


def test_a_hanging_answer_does_not_keep_the_daemon(stage: Stage) -> None:
    """When the grace is over the process leaves with exit code 1, whoever still owes it an answer."""
    stage.more = '[daemon]\ngrace = "1s"\nlease = "2s"'
    stage.put_on_sale()
    stage.configure()
    stage.unleashed_gate.shut()
    with stage.process(*QUICK) as child:
        assert stage.unleashed_gate.waiting.wait(20)
        asked = CLOCK.monotonic()
        done = end(child)
        took = CLOCK.monotonic() - asked
    assert done.code == 1
    assert 0.9 <= took <= 3.5
    assert "Traceback" not in done.err


def test_what_a_killed_daemon_left_is_finished_by_the_next(stage: Stage) -> None:
    """Killed in the middle of a write, its run is marked killed and the next daemon finishes the work."""
    for number in range(3):
        stage.put_on_sale(f"TEA-{number}", stock=5, listed=0)
    stage.configure()
    stage.shop_gate.shut("POST")
    with stage.process(*QUICK) as child:
        assert stage.shop_gate.waiting.wait(20)
        child.kill()
        child.wait()
    stage.shop_gate.release(dropping=True)
    assert [stage.stock(f"TEA-{each}") for each in range(3)] == [0, 0, 0]
    stage.store["schedule"] = '{ recent = "1s" }'
    stage.configure()
    with stage.process(*QUICK) as child:
        wait_until(lambda: [stage.stock(f"TEA-{each}") for each in range(3)] == [5, 5, 5], "the work is done")
        assert end(child).code == 0
    assert "killed" in outcomes(stage)
    assert stage.run("status", "--check").code == 0
    assert [item.sku for item in stage.shelf.all()] == ["TEA-0", "TEA-1", "TEA-2"]


def test_sigterm_while_starting_is_heard(stage: Stage) -> None:
    """Told to stop as soon as it has opened its database, the daemon still ends with exit code 0."""
    stage.more = '[daemon]\ngrace = "5s"\nlease = "2s"'
    stage.configure()
    db = stage.folder / "syncd.db"
    with stage.process(*QUICK) as child:
        wait_until(db.with_name("syncd.db-wal").exists, "the database is open")
        done = end(child)
    assert (done.code, "Traceback" in done.err) == (0, False)


def test_a_port_that_is_taken_is_a_sentence(stage: Stage) -> None:
    """If the page's address is taken the daemon does not start: exit code 2 and what to change."""
    stage.listen = stage.shop_url.removeprefix("http://")
    stage.configure()
    with stage.process(*QUICK) as child:
        done = wait_for_end(child)
    assert (done.code, done.out) == (2, "")
    assert f"The address {stage.listen} cannot be used" in done.err
    assert "[web] listen" in done.err
    assert "Traceback" not in done.err


def test_sighup_reads_the_secret_files_again(stage: Stage) -> None:
    """A new key in the secret file is used after SIGHUP, without a restart and without being logged."""
    secret = stage.folder / "shop_secret"
    secret.write_text("cs_old-and-marked\n")
    stage.store |= {
        "consumer_secret": "",
        "consumer_secret_file": '"shop_secret"',
        "schedule": '{ recent = "1s" }',
    }
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    let_in(stage, "cs_old-and-marked")
    stage.configure()
    with stage.process(*QUICK) as child:
        wait_until(lambda: stage.stock() == 5, "the first key works")
        secret.write_text("cs_new-and-marked\n")
        child.send_signal(signal.SIGHUP)
        let_in(stage, "cs_new-and-marked")
        stage.books.set_stock(stage.books.by_code("TEA-1")[0].guid, "W1", 9)
        wait_until(lambda: stage.stock() == 9, "the second key works")
        done = end(child)
    assert done.code == 0
    assert {"daemon.rereads_secrets", "secret.changed"} <= set(events(done))
    assert "marked" not in done.err


def test_a_refused_key_is_read_again_once(stage: Stage) -> None:
    """When Unleashed or the shop refuses a key, its file is read again: a new key there is used at once."""
    key, secret = stage.folder / "key", stage.folder / "shop_secret"
    key.write_text("an-old-key")
    secret.write_text("cs_old")
    stage.account |= {"api_key": "", "api_key_file": '"key"'}
    stage.store |= {
        "consumer_secret": "",
        "consumer_secret_file": '"shop_secret"',
        "schedule": '{ recent = "1s" }',
    }
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.configure()
    with stage.process(*QUICK) as child:
        wait_until(lambda: any(call.status in (401, 403) for call in stage.unleashed.calls), "a refusal")
        key.write_text("not-a-real-key==")
        secret.write_text("cs_" + "1" * 40)
        wait_until(lambda: stage.stock() == 5, "the right keys work")
        done = end(child)
    assert events(done).count("secret.changed") == 2


def test_health_as_a_command(stage: Stage) -> None:
    """`syncd health` says 3 while nobody answers and 0 once the daemon runs, from the same configuration."""
    path = stage.configure()
    words = ["health", "--config", str(path)]
    assert ask_health(words, {}) == 3
    with stage.process(*QUICK) as child:
        wait_until(lambda: is_running(stage), "the daemon runs")
        with stage.process("health", "--json") as asking:
            told = wait_for_end(asking)
        assert (told.code, told.json) == (0, {"schema": 1, "state": "running"})
        assert end(child).code == 0


def test_a_person_and_the_daemon_work_side_by_side(stage: Stage) -> None:
    """`resync` and `status` while the daemon runs see its work and do theirs."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.configure()
    with stage.process(*QUICK) as child:
        wait_until(lambda: stage.stock() == 5, "the stock arrives")
        stage.shelf.edit(stage.shelf.with_sku("TEA-1")[0].id, stock=1)
        assert stage.run("resync", "TEA-1").code == 0
        assert stage.stock() == 5
        wait_until(lambda: stage.run("status", "--json").json["jobs"][0]["next_at"], "a next time")
        body = stage.run("status", "--json").json
        assert (body["daemon"]["state"], body["problems"]) == ("running", [])
        assert str(child.pid) in body["daemon"]["holder"]
        assert end(child).code == 0


def let_in(stage: Stage, secret: str) -> None:
    """Have the shop know its key under another secret from now on."""
    stage.shop_gate.emulator = WooCommerceEmulator(
        stage.shelf, CLOCK.now, consumer_key=CONSUMER_KEY, consumer_secret=secret
    )


def test_the_daemon_needs_only_its_configuration(stage: Stage, tmp_path: Path) -> None:
    """Without a configuration `syncd run` is a sentence and exit code 2."""
    with subprocess.Popen(
        [*stage.command, "run"],
        cwd=tmp_path,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        done = wait_for_end(child)
    assert (done.code, done.out) == (2, "")
    assert "syncd init" in done.err
