"""The way in: `syncd` and `python -m syncd`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command given on the command line and leave with its exit code."""
    from syncd.cli import health

    if health.is_meant(sys.argv[1:]):
        sys.exit(health.main(sys.argv[1:]))
    # Imported late: the container asks for `health` every few seconds and must not load the rest for it.
    from syncd.cli.commands import run

    run()


if __name__ == "__main__":
    main()
