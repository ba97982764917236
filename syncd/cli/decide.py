"""`syncd adopt`, `syncd approve` and `syncd links`: what only a person can decide."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.app import decide
from syncd.app.wiring import App
from syncd.cli import customer_links
from syncd.cli.frame import SWITCH, AsJson, Config, DryRun, OneStore, command, many, opened, print_json, stamp
from syncd.cli.match import only_store
from syncd.cli.sync import tell_errors
from syncd.errors import UsageError
from syncd.flows.decided import HeldDiff
from syncd.state import links as link_table
from syncd.state import mirror

FIELDS = ("price", "name")
SHOWN = 20


@command
def adopt(
    context: typer.Context,
    fields: Annotated[str, typer.Option("--fields", metavar="FIELDS", help="price, name, or price,name.")],
    codes: Annotated[
        list[str] | None, typer.Argument(help="Only these products; none: all.", metavar="CODE...")
    ] = None,
    store: OneStore = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Let prices or names flow to listings that syncd did not create. The next run writes them."""
    wanted = _fields(fields)
    with opened(context, config) as app:
        name = only_store(app, store)
        done, report = decide.adopt(app, name, wanted, codes or [], dry_run=dry_run)
    tell_errors([report])
    if done is None:
        return report.exit_code
    if as_json:
        body = {"store": name, "fields": sorted(wanted), "dry_run": dry_run}
        print_json({**body, "adopted": done.codes, "already": done.already, "unknown": done.unknown})
    else:
        verb = "would be adopted" if dry_run else "adopted"
        fields_text = " and ".join(sorted(wanted, reverse=True))
        typer.echo(f"{many(len(done.codes), 'listing')} of {name} {verb}: {fields_text} from Unleashed.")
        for code in done.unknown:
            typer.echo(f"{code}: no linked listing that syncd did not create has this code.")
        if done.codes and not dry_run:
            typer.echo("The next run writes them; `syncd once recent` does it now.")
    return 1 if done.unknown else 0


def _fields(text: str) -> frozenset[str]:
    found = frozenset(part.strip() for part in text.split(",") if part.strip())
    unknown = found - set(FIELDS)
    if unknown or not found:
        raise UsageError(f"--fields {text} is not understood.", "Use price, name, or price,name.")
    return found


@command
def approve(
    context: typer.Context,
    fingerprint: Annotated[
        str | None, typer.Argument(metavar="HASH", help="The diff's name; none: list.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Show what the brake holds; with a diff's name, let exactly that diff through for 24 hours."""
    with opened(context, config) as app:
        found = decide.diffs(app, list(app.settings.stores))
        if fingerprint is None:
            _list_diffs(found, as_json=as_json)
            return 0
        diff = next((each for each in found if each.fingerprint == fingerprint), None)
        if diff is None:
            names = ", ".join(each.fingerprint for each in found) or "nothing"
            typer.echo(f"No held diff is called {fingerprint} (any more). Held now: {names}.", err=True)
            return 1
        if dry_run:
            _list_diffs([diff], as_json=as_json)
            return 0
        report = decide.approve(app, diff.store, diff)
    tell_errors([report])
    if as_json:
        done = len(diff.changes) if report.exit_code == 0 else 0
        print_json({"store": diff.store, "hash": diff.fingerprint, "approved": done})
    elif report.exit_code == 0:
        typer.echo(
            f"{len(diff.changes)} changes of {diff.store} are approved for 24 hours. "
            "The next run plans them anew and writes them; `syncd once recent` does it now."
        )
    return report.exit_code


def _list_diffs(found: list[HeldDiff], *, as_json: bool) -> None:
    if as_json:
        print_json({"held": [_diff_json(each) for each in found]})
        return
    if not found:
        typer.echo("Nothing is held.")
    for diff in found:
        typer.echo(f"{diff.fingerprint}  {diff.store}: {len(diff.changes)} listings ({diff.kind})")
        for change in diff.changes[:SHOWN]:
            before, after = change.before or "-", change.after or "-"
            typer.echo(f"  {change.code}: {change.field}: {before} → {after} ({change.rule})")
        if len(diff.changes) > SHOWN:
            typer.echo(f"  … and {len(diff.changes) - SHOWN} more: --json prints all")
        typer.echo(f"  To let them through: syncd approve {diff.fingerprint}")


def _diff_json(diff: HeldDiff) -> dict[str, object]:
    changes = [
        {
            "code": change.code,
            "field": change.field,
            "before": change.before,
            "after": change.after,
            "rule": change.rule,
            "since": stamp(change.since),
        }
        for change in diff.changes
    ]
    return {"store": diff.store, "class": diff.kind, "hash": diff.fingerprint, "changes": changes}


links = typer.Typer(
    help="Look at links between products and store records, or set them by hand.", no_args_is_help=True
)


@links.command("list")
@command
def links_list(
    context: typer.Context,
    customers: Annotated[
        bool, typer.Option("--customers", metavar=SWITCH, help="Customers that wait for a person instead.")
    ] = False,
    store: OneStore = None,
    as_json: AsJson = False,
    config: Config = None,
) -> int:
    """Show which store record is which product, and what of it syncd may change."""
    with opened(context, config, asking=False) as app:
        name = only_store(app, store)
        if customers:
            return customer_links.show(app, name, as_json=as_json)
        rows = _links(app, name)
    if as_json:
        print_json({"store": name, "links": rows})
    else:
        for row in rows:
            typer.echo(
                f"{row['code']}  id {row['ref']}  {row['origin']}; follows Unleashed: {row['follows']}"
                f"{'; no longer in the store' if row['gone'] else ''}"
            )
        typer.echo(many(len(rows), "link"))
    return 0


def _links(app: App, store: str) -> list[dict[str, str | bool]]:
    row = app.store_row(store)
    with app.db.read() as conn:
        found = link_table.listed(conn, row.id)
        products = mirror.by_guid(conn, row.account_id, [link.guid for link in found])
    return [
        {
            "code": products[link.guid].product.code.strip() if link.guid in products else link.code,
            "ref": link.ref or "",
            "origin": "created" if link.created else "adopted",
            "gone": link.gone,
            "follows": ", ".join(["stock", *sorted(link.owned - {"status"})]),
        }
        for link in found
    ]


@links.command("set")
@command
def links_set(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The product's code in Unleashed.")],
    ref: Annotated[
        str | None, typer.Argument(metavar="ID", help="The store's id; PARENT/ID for a variation.")
    ] = None,
    customer: Annotated[
        str | None,
        typer.Option(
            "--customer", metavar="REF", help="Link this customer of the store; CODE is Unleashed's."
        ),
    ] = None,
    store: OneStore = None,
    config: Config = None,
) -> int:
    """Link a product to a record of the store by hand. Only its stock flows until it is adopted."""
    if (ref is None) == (customer is None):
        raise UsageError("What to link is not clear.", "Give CODE and ID, or --customer REF and CODE.")
    with opened(context, config) as app:
        name = only_store(app, store)
        if customer is not None:
            return customer_links.set_by_hand(app, name, customer, code)
        assert ref is not None
        done, report = decide.set_link(app, name, code, ref)
    tell_errors([report])
    if done is not None:
        typer.echo(f"{code} is linked to id {done.ref} of {name}. The next run writes its stock.")
    return report.exit_code


@links.command("unset")
@command
def links_unset(
    context: typer.Context,
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="The product's code in Unleashed.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="REF", help="This customer of the store instead.")
    ] = None,
    store: OneStore = None,
    config: Config = None,
) -> int:
    """Take a product's link away. The next run looks for its code in the store anew."""
    if (code is None) == (customer is None):
        raise UsageError("What to unlink is not clear.", "Give CODE, or --customer REF.")
    with opened(context, config) as app:
        name = only_store(app, store)
        if customer is not None:
            return customer_links.unset_by_hand(app, name, customer)
        assert code is not None
        before, report = decide.unset_link(app, name, code)
    tell_errors([report])
    if report.exit_code == 0:
        typer.echo(
            f"{code} was linked to id {before} of {name}." if before else f"{code} had no link in {name}."
        )
    return report.exit_code
