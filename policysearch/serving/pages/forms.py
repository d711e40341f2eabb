"""Parts of forms that several pages share: the filters, and the chosen ones."""

from __future__ import annotations

from typing import Any

from policysearch.serving.asked import Asked
from policysearch.vocabulary import FILTERS

__all__ = ["FILTER_NAMES", "active_filters", "filter_fields"]

FILTER_NAMES = tuple(one.name for one in FILTERS)


def filter_fields(asked: Asked) -> list[dict[str, Any]]:
    """Return a form field for each filter: a choice if its values are fixed."""
    fields = []
    for one in FILTERS:
        given = asked.all(one.name)
        choices = [(value, asked.t.of(one.name, value), value in given) for value in one.values]
        fields.append({"name": one.name, "choices": choices, "values": given, "value": given[-1] if given else ""})
    return fields


def active_filters(asked: Asked) -> list[dict[str, str]]:
    """Return the chosen filters, each with the address of the page without it."""
    active = []
    for name in (*FILTER_NAMES, "document"):
        given = asked.all(name)
        for value in given:
            rest = [other for other in given if other != value]
            changed: dict[str, Any] = {"offset": None, "at": None, name: rest}
            url = asked.here(**changed)
            active.append({"name": name, "value": asked.t.of(name, value), "url": url})
    return active
