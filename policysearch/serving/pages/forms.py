"""Parts of forms that several pages share: the filters, and the chosen ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policysearch.serving.asked import Asked
from policysearch.serving.commands import OFF
from policysearch.vocabulary import FILTERS

__all__ = ["FILTER_NAMES", "active_filters", "filter_fields", "further_values", "is_on", "selection_of"]

FILTER_NAMES = tuple(one.name for one in FILTERS)


def filter_fields(asked: Asked) -> list[dict[str, Any]]:
    """Return a form field for each filter: a choice if its values are fixed.

    A field shows one value; its other values are sent along hidden, and have chips.
    """
    fields = []
    for one in FILTERS:
        value, further = further_values(asked.all(one.name), one.values)
        choices = [(known, asked.t.of(one.name, known), known == value) for known in one.values]
        fields.append({"name": one.name, "choices": choices, "value": value, "further": further})
    return fields


def further_values(given: Iterable[str], choices: Iterable[str] = ()) -> tuple[str, list[str]]:
    """Return the value that a field shows, the last that it can, and the others that were given."""
    values = list(dict.fromkeys(given))
    known = set(choices)
    shown = next((value for value in reversed(values) if not known or value in known), "")
    return shown, [value for value in values if value != shown]


def active_filters(asked: Asked, own: Iterable[str] = ()) -> list[dict[str, str]]:
    """Return the chosen filters, each with the address of the page without it.

    The values of the parameters ``own`` are included if they are several, since a field shows only one.
    """
    several = [name for name in own if len(asked.all(name)) > 1]
    active = []
    for name in (*FILTER_NAMES, *several):
        given = asked.all(name)
        for value in dict.fromkeys(given):
            rest = [other for other in given if other != value]
            changed: dict[str, Any] = {"offset": None, "at": None, name: rest}
            url = asked.here(**changed)
            active.append({"name": name, "value": asked.t.of(name, value), "url": url})
    return active


def is_on(asked: Asked, name: str) -> bool:
    """Return whether an option without a value is given; the command refuses any other value."""
    given = asked.get(name).lower()
    return given != "" and given not in OFF


def selection_of(asked: Asked) -> dict[str, list[str]]:
    """Return the parameters by which a concordance has the sections of a count, and as many lines."""
    # counts include copies, unless these are hidden, but a concordance folds them
    hidden = asked.get("duplicates") == "hide" or is_on(asked, "no-duplicates")
    found = {name: asked.all(name) for name in ("where", *FILTER_NAMES)}
    return {**found, "duplicates": ["hide" if hidden else "show"]}
