"""Write the reference page and the example file from the keys themselves, so that they cannot disagree."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from syncd.config.load import SECTIONS
from syncd.config.model import Account
from syncd.config.section import Section, keys_of, nested, trait
from syncd.config.store import KINDS

BEGIN, END = "<!-- keys: written by `make docs` -->", "<!-- end of keys -->"
UNUSED = "Not used yet: accepted and checked, but this release does not act on it."

HEAD = """\
# syncd's configuration. Every key is here; docs/configuration.md says more.
# A key behind a "#" shows its default, or an example where there is none.
# Keys without "#" must be set.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key as readers see it. `default` and `example` are TOML text; "" = there is none."""

    name: str
    about: str
    default: str
    example: str
    unset: str
    required: bool
    unused: bool


def chapters(kind: str) -> Iterator[tuple[str, type[Section]]]:
    """Yield every section with its full name, the account called `main` and the store called `shop`."""
    yield from SECTIONS.items()
    yield "unleashed.main", Account
    store = KINDS[kind]
    yield "store.shop", store
    for name, field in keys_of(store).items():
        if inner := nested(field):
            yield f"store.shop.{name}", inner


def entries(model: type[Section]) -> tuple[Entry, ...]:
    """Return the keys of a section: the required ones first, small sections as one inline key."""
    found = [_entry(name, field, model) for name, field in keys_of(model).items() if not _is_chapter(field)]
    return tuple(sorted(found, key=lambda entry: not entry.required))


def reference(kind: str = "woocommerce") -> str:
    """Return the tables of the reference page in Markdown."""
    return "\n".join(_table(name, model) for name, model in chapters(kind))


def example(kind: str = "woocommerce", values: Mapping[str, str] | None = None) -> str:
    """Return the example file; `values` are TOML texts by full key that switch on the line shown."""
    parts = [HEAD, *(_chapter(name, model, values or {}) for name, model in chapters(kind))]
    return "\n".join(parts)


def _is_chapter(field: FieldInfo) -> bool:
    inner = nested(field)
    return inner is not None and not _is_inline(inner)


def _is_inline(model: type[Section]) -> bool:
    """A section of nothing but short plain values is written in one line."""
    return all(field.annotation in (Decimal, int, bool, str) for field in model.model_fields.values())


def _entry(name: str, field: FieldInfo, model: type[Section]) -> Entry:
    secret, inner = bool(trait(field, "secret")), nested(field)
    required = field.is_required()
    example_text = str(trait(field, "example") or "")
    about = field.description or ""
    if inner:
        about += "".join(f" `{each.name}`: {_lower(each.about)}" for each in entries(inner))
    absent = required or field.default is None or trait(field, "unset")
    return Entry(
        name=f"{name}_file" if secret else name,
        about=about,
        default="" if absent else _inline(inner) if inner else toml(field.default),
        example=toml(example_text) if secret else example_text,
        unset=str(trait(field, "unset") or ""),
        required=required,
        unused=bool(trait(field, "later")) and not model.unused,
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _inline(model: type[Section]) -> str:
    pairs = ", ".join(f"{name} = {toml(field.default)}" for name, field in keys_of(model).items())
    return f"{{ {pairs} }}"


def toml(value: Any) -> str:
    """Return a default as it is written in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml(each) for each in value)}]"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _table(name: str, model: type[Section]) -> str:
    lines = [f"### `[{name}]`", "", _intro(model), "", "| key | default | meaning |", "|---|---|---|"]
    for entry in entries(model):
        shown = (
            "**required**"
            if entry.required
            else f"`{entry.default}`"
            if entry.default
            else f"*{entry.unset}*"
        )
        meaning = entry.about + (f" Example: `{entry.example}`." if entry.example else "")
        meaning += f" *{UNUSED}*" if entry.unused else ""
        lines.append(f"| `{entry.name}` | {_cell(shown)} | {_cell(meaning)} |")
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _intro(model: type[Section]) -> str:
    sentence = (model.__doc__ or "").splitlines()[0]
    return f"{sentence} *{UNUSED}*" if model.unused else sentence


def _begins_off(name: str, model: type[Section], found: tuple[Entry, ...]) -> bool:
    """A section that does nothing yet, or that has required keys but is not needed, begins switched off."""
    return model.unused or (name in SECTIONS and any(entry.required for entry in found))


def _named_in(values: Mapping[str, str], section: str) -> bool:
    return any(full.rpartition(".")[0] == section for full in values)


def _chapter(name: str, model: type[Section], values: Mapping[str, str]) -> str:
    found = entries(model)
    off = "# " if _begins_off(name, model, found) and not _named_in(values, name) else ""
    intro = [*_comment((model.__doc__ or "").splitlines()[0]), *(_comment(UNUSED) if model.unused else ())]
    lines = [line for entry in found for line in _lines(entry, off, values.get(f"{name}.{entry.name}"))]
    return "\n".join([*intro, f"{off}[{name}]", *lines, ""])


def _lines(entry: Entry, off: str, value: str | None) -> Iterator[str]:
    yield from _comment(_plain(entry))
    switch = "" if value is not None or (entry.required and not off) else "# "
    yield f"{switch}{entry.name} = {value or entry.default or entry.example}"


def _plain(entry: Entry) -> str:
    text = entry.about + (f" Absent: {entry.unset}." if entry.unset else "")
    return f"{text} {UNUSED}" if entry.unused else text


def _comment(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, 100, initial_indent="# ", subsequent_indent="# ")


def documents(root: Path) -> dict[Path, str]:
    """Return what the two generated files below `root` should contain."""
    page = root / "docs" / "configuration.md"
    prose = page.read_text(encoding="utf-8")
    tables = f"{BEGIN}\n\n{reference()}\n{END}"
    between = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    return {page: between.sub(lambda _: tables, prose), root / "syncd.example.toml": example()}


def main(arguments: list[str], root: Path) -> int:
    """Write the files (`--write`), or return 1 and name those that are out of step (`--check`)."""
    stale = [
        path
        for path, text in documents(root).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if arguments == ["--write"]:
        for path in stale:
            path.write_text(documents(root)[path], encoding="utf-8")
        return 0
    for path in stale:
        sys.stderr.write(f"{path.relative_to(root)} is out of step with the keys. Run `make docs`.\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[2]))
