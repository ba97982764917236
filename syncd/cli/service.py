"""`syncd run`: the service, up until it is told to stop."""

from __future__ import annotations

import sys
import threading
from typing import Annotated

import structlog
import typer

from syncd import __version__, log
from syncd.app import open_app
from syncd.app.check import require_known_stores
from syncd.app.ticker import Ticker
from syncd.cli.frame import Config, command, holder, settings
from syncd.clock import SystemClock
from syncd.config import Settings
from syncd.daemon import TICK, Daemon, Signals, hearing, serve
from syncd.jobs import LocalSubmit
from syncd.web.health import WebServer, application


@command
def run(
    context: typer.Context,
    config: Config = None,
    tick: Annotated[float, typer.Option(hidden=True, min=0.05, max=60)] = TICK,
) -> int:
    """Run the service: every job at its interval, until SIGTERM. SIGHUP reads the secret files again."""
    found = settings(context, config)
    log.configure(found.log.level, found.log.format, sys.stderr)
    for notice in found.notices:
        structlog.get_logger().warning("configuration.notice", notice=notice)
    with hearing() as signals:
        return _run(found, tick, signals)


def _run(found: Settings, tick: float, signals: Signals) -> int:
    stop = threading.Event()
    clock = SystemClock(stop)
    app = open_app(found, clock, holder("daemon", clock), stop=stop)
    require_known_stores(app)
    daemon = Daemon(app.bench, Ticker(app), LocalSubmit(clock), __version__, tick)
    listen = found.web.listen
    web = WebServer(application(daemon.state), listen.host, listen.port) if listen else None

    def ready() -> None:
        structlog.get_logger().info(
            "daemon.ready",
            version=__version__,
            config=str(found.path),
            accounts=list(found.accounts),
            stores=[f"{name} ({store.mode})" for name, store in found.stores.items()],
            listen=f"{listen.host}:{listen.port}" if listen else "off",
        )

    code = serve(daemon, web, found.daemon.grace, signals, ready=ready, reread=app.reread_secrets)
    if code == 0:
        app.close()
    return code
