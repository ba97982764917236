"""`once notify`, `check` and `status` about mail, orders and jobs that are late."""

from __future__ import annotations

from datetime import timedelta

from syncd.app import open_app
from syncd.app.promises import promises
from syncd.config import load
from syncd.flows.status import status
from tests.alerts.mail_server import PASSWORD, USERNAME, mail_server
from tests.system.stage import CLOCK, Stage, free_port

MAIL = """[mail]
host = "127.0.0.1"
port = {port}
from = "syncd@example.test"
to = ["ops@example.test"]
tls = "off"
"""


def test_check_greets_the_mail_server_and_sends_nothing(stage: Stage) -> None:
    """A mail server that answers is told as ok, with the sign-in; no mail is sent."""
    stage.put_on_sale()
    with mail_server(sign_in=True) as inbox:
        stage.more = MAIL.format(port=inbox.port) + f'\nusername = "{USERNAME}"\npassword = "{PASSWORD}"'
        done = stage.run("check")
        assert inbox.mails == []
    assert "ok      mail: The mail server 127.0.0.1" in done.out
    assert "takes the sign-in" in done.out
    assert PASSWORD not in done.text


def test_check_tells_of_a_mail_server_that_is_away(stage: Stage) -> None:
    """One that does not answer is a problem and exit code 3."""
    stage.put_on_sale()
    stage.more = MAIL.format(port=free_port())
    done = stage.run("check")
    assert done.code == 3
    assert "PROBLEM mail: The mail server 127.0.0.1" in done.out


def test_once_notify_tells_once(stage: Stage) -> None:
    """What is wrong is one mail; the second run has nothing to tell; figures are in the JSON."""
    stage.put_on_sale()
    stage.account["api_key"] = '"marked-wrong-key"'
    stage.run("once", "recent")
    with mail_server() as inbox:
        stage.more = MAIL.format(port=inbox.port)
        first, second = (stage.run("once", "notify", "--json") for _ in range(2))
        assert len(inbox.mails) == 1
        assert "account main refused" in inbox.text()
        assert "marked-wrong-key" not in inbox.text()
    assert first.json == {
        "schema": 1,
        "job": "notify",
        "dry_run": False,
        "runs": [],
        "notify": {"told": 1, "sent": 1, "failed": 0, "heartbeat": False},
    }
    assert (second.code, second.json["notify"]["sent"]) == (0, 0)


def test_once_notify_says_when_nobody_is_told(stage: Stage) -> None:
    """Without [mail] it says so; with a mail server that is down the mail is kept: exit code 3."""
    assert "nobody is told" in stage.run("once", "notify").out
    assert stage.run("once", "notify", "--dry-run").code == 2
    stage.account["api_key"] = '"a-wrong-key"'
    stage.run("once", "recent")
    stage.more = MAIL.format(port=free_port())
    done = stage.run("once", "notify")
    assert (done.code, "1 kept for later" in done.out) == (3, True)
    assert "1 mail waits for the mail server" in stage.run("status").out


def test_status_check_fails_when_a_job_missed_its_promise(stage: Stage) -> None:
    """A job that went well is no problem within its promise, and one after it, daemon or not."""
    stage.put_on_sale()
    stage.run("once", "recent")
    assert stage.run("status", "--check").code == 0
    app = open_app(load(stage.configure(), {}), CLOCK, "test")
    try:
        later = CLOCK.now() + timedelta(hours=3)
        found = status(app.db, {"main": ()}, {"shop": "live"}, later, promises=promises(app))
    finally:
        app.close()
    late = [each for each in found.problems if "has not gone well since" in each.what]
    assert [each.what.partition(":")[0] for each in late] == ["account main", "store shop"]
    assert all(each.do for each in late)


def test_status_tells_how_orders_stand(stage: Stage) -> None:
    """Each state has its number, in words and in JSON."""
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    stage.shop.till.place((stage.shelf.with_sku("TEA-1")[0].id, 1), billing={"email": "jo@example.test"})
    stage.run("once", "orders", "--dry-run")
    assert "Orders of shop: 1 waiting; the oldest open one waits for 0 min." in stage.run("status").out
    [store] = stage.run("status", "--json").json["stores"]
    assert (store["orders"]["waiting"], store["orders"]["posted"]) == (1, 0)
    assert (store["oldest_order_s"] in range(120), store["ambiguous_customers"]) == (True, 0)
