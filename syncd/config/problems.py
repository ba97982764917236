"""Turn what pydantic found wrong into sentences for the person who wrote the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from syncd.config.secret import SecretFileError
from syncd.config.section import Section, keys_of, nested, secret_keys, spellings, trait

_SENTENCES = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "decimal_parsing": "must be a number",
    "decimal_type": "must be a number",
    "finite_number": "must be a number",
    "string_type": "must be text, in quotes",
    "string_too_short": "must not be empty",
    "tuple_type": 'must be a list, for example ["…"]',
    "dict_type": 'must be a table, for example { standard = "…" }',
    "mapping_type": 'must be a table, for example { standard = "…" }',
    "model_type": "must be a section of its own",
    "too_short": "must not be empty",
}
_BOUNDS = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_pattern_mismatch": "does not have the form {pattern}",
}


def sentences(
    error: ValidationError, model: type[Section], path: str, origins: Mapping[str, str]
) -> Iterable[str]:
    """Return one sentence per problem, each beginning with the full key. Never shows a value."""
    for each in error.errors(include_url=False, include_input=False):
        where = _full_key(each["loc"], path)
        if (each["type"] == "missing" and _is_secret(each["loc"], model)) or _is_file(dict(each)):
            where += "_file"
        origin = origins.get(where)
        yield sentence(where, _said(dict(each), model) + (f" (set by {origin})" if origin else ""))


def sentence(where: str, what: str) -> str:
    """Return one problem as a sentence that begins with its full key."""
    return f"{where}: {what}{'' if what.endswith('?') else '.'}"


def unknown_key(word: str, known: Iterable[str]) -> str:
    """Return the sentence for a word that means nothing here, with what may have been meant."""
    known = sorted(known)
    close = get_close_matches(word, known, 1, 0.6)
    if close:
        return f"is unknown; did you mean {close[0]}?"
    return f"is unknown; known here: {', '.join(known)}"


def _full_key(loc: tuple[int | str, ...], path: str) -> str:
    text = path
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _is_secret(loc: tuple[int | str, ...], model: type[Section]) -> bool:
    holder = _holder(loc, model)
    return holder is not None and loc[-1] in secret_keys(holder)


def _is_file(error: dict[str, Any]) -> bool:
    return isinstance(error.get("ctx", {}).get("error"), SecretFileError)


def _said(error: dict[str, Any], model: type[Section]) -> str:
    kind, context, loc = error["type"], error.get("ctx", {}), error["loc"]
    if kind == "extra_forbidden":
        return _unknown(loc, model)
    if kind == "missing":
        return _missing(loc, model)
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"must be one of {context['expected'].replace(' or ', ', ')}"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    return _SENTENCES.get(kind) or f"is not valid: {error['msg']}"


def _unknown(loc: tuple[int | str, ...], model: type[Section]) -> str:
    holder = _holder(loc, model) or model
    word = str(loc[-1])
    inner = [
        name for name, field in keys_of(holder).items() if (kind := nested(field)) and word in spellings(kind)
    ]
    if inner:
        return f"belongs in the section {inner[0]} below this one"
    return unknown_key(word, spellings(holder))


def _missing(loc: tuple[int | str, ...], model: type[Section]) -> str:
    holder = _holder(loc, model)
    field = keys_of(holder).get(str(loc[-1])) if holder else None
    if holder is None or field is None:
        return "is required"
    if str(loc[-1]) in secret_keys(holder):
        return f'is required, for example {loc[-1]}_file = "{trait(field, "example")}"'
    return f"is required, for example {loc[-1]} = {trait(field, 'example')}"


def _holder(loc: tuple[int | str, ...], model: type[Section]) -> type[Section] | None:
    """Return the section in which the last word of `loc` stands."""
    holder: type[Section] | None = model
    for part in loc[:-1]:
        if isinstance(part, int) or holder is None:
            continue
        field = keys_of(holder).get(str(part))
        holder = None if field is None else nested(field) or _element(field.annotation)
    return holder


def _element(annotation: Any) -> type[Section] | None:
    """Return the section that a list of sections is made of."""
    inner = getattr(annotation, "__args__", ())
    found = [each for each in inner if isinstance(each, type) and issubclass(each, BaseModel)]
    return found[0] if found and issubclass(found[0], Section) else None
