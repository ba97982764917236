"""Read the configuration, judge all of it, and hand out one typed record or every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from syncd.config import rules
from syncd.config.model import Account, Alerts, Daemon, Database, Log, Mail, Secrets, Web
from syncd.config.problems import sentence, sentences, unknown_key
from syncd.config.secret import Secret
from syncd.config.section import Section, secret_keys
from syncd.config.sources import Tree, Written, find, overlay, read_toml, rename
from syncd.config.store import KINDS, Store
from syncd.errors import ConfigurationError

S = TypeVar("S", bound=Section)

SECTIONS: dict[str, type[Section]] = {
    "database": Database,
    "web": Web,
    "alerts": Alerts,
    "mail": Mail,
    "log": Log,
    "daemon": Daemon,
    "secrets": Secrets,
}
NAMED = ("unleashed", "store")

RENAMED: Mapping[str, str] = {}
"""Old names of keys that still work, with their new names: {"store.*.listing.old": "store.*.listing.new"}."""


@dataclass(frozen=True)
class Settings:
    """The whole configuration, sound and frozen. `notices` are sentences to log once logging is set up."""

    path: Path
    database: Database
    web: Web
    alerts: Alerts
    mail: Mail | None
    log: Log
    daemon: Daemon
    secrets: Secrets
    accounts: Mapping[str, Account]
    stores: Mapping[str, Store]
    notices: tuple[str, ...] = ()

    def rules_hash(self, store: str) -> str:
        """Return what `rules.rules_hash` says about the listing section of the store with this name."""
        return rules.rules_hash(self.stores[store].listing)

    def every_secret(self) -> tuple[Secret, ...]:
        """Return all secrets that are set, unread."""
        parts: tuple[Section | None, ...] = (self.database, self.mail, self.secrets)
        sections = (*parts, *self.accounts.values(), *self.stores.values())
        return tuple(secret for section in sections if section for secret in section.secrets())

    def secret_problems(self) -> tuple[str, ...]:
        """Return one sentence for each secret file that is missing, empty or unreadable."""
        return tuple(problem for secret in self.every_secret() if (problem := secret.problem()))

    def confidential(self) -> tuple[str, ...]:
        """Return every value that must not reach a log: secrets, their ids, addresses that are a secret.

        Raises ConfigurationError when a secret file cannot be read.
        """
        ids = [account.api_id for account in self.accounts.values()]
        ids += [key for store in self.stores.values() if (key := getattr(store, "consumer_key", ""))]
        ids += [self.alerts.heartbeat_url] if self.alerts.heartbeat_url else []
        return (*(secret.reveal() for secret in self.every_secret()), *ids)


def load(
    path: Path | None,
    env: Mapping[str, str],
    *,
    check_secrets: bool = True,
    renamed: Mapping[str, str] = RENAMED,
) -> Settings:
    """Read the file (`path`, else SYNCD_CONFIG, else ./syncd.toml), put the environment over it, judge it.

    With `check_secrets` each secret file is opened once to see that it can be read; nothing of it is kept.
    Raises UsageError when there is no file, ConfigurationError with every problem otherwise.
    """
    place = find(path, env)
    written = Written(read_toml(place))
    overlay(written, env, (*SECTIONS, *NAMED), _verbatim())
    rename(written, renamed)
    settings = _Judge(written, place, check_secrets).settings()
    if settings is None or written.problems:
        raise ConfigurationError(written.problems)
    return settings


def _verbatim() -> frozenset[str]:
    models: tuple[type[Section], ...] = (*SECTIONS.values(), Account, *KINDS.values())
    return frozenset(name for model in models for name in secret_keys(model))


class _Judge:
    """One pass over what was written; problems are collected in `written.problems`."""

    def __init__(self, written: Written, place: Path, check_secrets: bool) -> None:
        self.written = written
        self.place = place
        self.context = {"folder": place.parent, "check_secrets": check_secrets}

    def settings(self) -> Settings | None:
        """Return the settings, or None if a section is so wrong that there is nothing to hand out."""
        tree = self.written.tree
        for word in tree:
            if word not in SECTIONS and word not in NAMED:
                self.problem(word, unknown_key(word, (*SECTIONS, *NAMED)))
        parts: dict[str, Any] = {name: self.part(name, model) for name, model in SECTIONS.items()}
        accounts = {
            name: self.section(Account, data, f"unleashed.{name}") for name, data in self.named("unleashed")
        }
        stores = {name: self.store(name, data, tuple(accounts)) for name, data in self.named("store")}
        if not accounts:
            self.problem("unleashed", "no account is configured; add a section [unleashed.main]")
        sound_accounts = {name: account for name, account in accounts.items() if account}
        sound_stores = {name: store for name, store in stores.items() if store}
        self.written.problems.extend(rules.across(sound_accounts, sound_stores, accounts))
        if any(part is None for name, part in parts.items() if name != "mail"):
            return None
        return Settings(
            path=self.place,
            **parts,
            accounts=sound_accounts,
            stores=sound_stores,
            notices=tuple(self.written.notices),
        )

    def part(self, name: str, model: type[Section]) -> Section | None:
        """Judge a section that exists once. Mail without a section is no mail; the others have defaults."""
        if name == "mail" and name not in self.written.tree:
            return None
        return self.section(model, self.written.tree.get(name, {}), name)

    def named(self, kind: str) -> Iterator[tuple[str, Tree]]:
        """Yield the accounts or stores by name, leaving out what has an impossible name or is no section."""
        sections = self.written.tree.get(kind, {})
        example = "[store.shop]" if kind == "store" else "[unleashed.main]"
        if not isinstance(sections, dict):
            self.problem(kind, f"must be a section with a name, like {example}")
            return
        for name, data in sections.items():
            if not isinstance(data, dict):
                self.problem(f"{kind}.{name}", f"must be in a section with a name, like {example}")
            elif complaint := rules.bad_name(name):
                self.problem(f"{kind}.{name}", complaint)
            else:
                yield name, data

    def store(self, name: str, data: Tree, accounts: tuple[str, ...]) -> Store | None:
        """Judge a store by the keys of its kind, and attach it to the only account if it names none."""
        path = f"store.{name}"
        kind = data.get("kind")
        if kind not in KINDS:
            complaint = (
                'is required, for example kind = "woocommerce"'
                if kind is None
                else unknown_key(str(kind), KINDS)
            )
            self.problem(f"{path}.kind", complaint)
            return None
        if not data.get("account") and len(accounts) > 1:
            self.problem(
                f"{path}.account", f"is required with several accounts: {', '.join(sorted(accounts))}"
            )
        only = accounts[0] if len(accounts) == 1 else ""
        return self.section(KINDS[kind], {**data, "account": data.get("account") or only}, path)

    def section(self, model: type[S], data: Any, path: str) -> S | None:
        """Judge one section; None if there were problems."""
        try:
            return model.model_validate(data, context={**self.context, "path": path})
        except ValidationError as error:
            self.written.problems.extend(sentences(error, model, path, self.written.origins))
            return None

    def problem(self, where: str, what: str) -> None:
        """Collect one problem as a sentence."""
        self.written.problems.append(sentence(where, what))
