"""Term frequencies and field lengths of a section or a document, from Lucene's explanation of a score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policysearch.engines.opensearch.cluster import Cluster
from policysearch.engines.opensearch.function_score import query_of_term
from policysearch.engines.opensearch.query_dsl import phrase_length
from policysearch.engines.scoring import HEADING_FACTOR
from policysearch.engines.tree import Term
from policysearch.frozen import frozen

__all__ = ["EntryStatistics", "entry_statistics"]


@frozen
class EntryStatistics:
    """Statistics of one section or document.

    Attributes:
        terms: For each term, its frequency and the length of its field, rounded as in the score; 0 where the field
            has no terms.
        factor: The factor of a section's score.
    """

    terms: Mapping[tuple[str, str], tuple[int, int]]
    factor: float


def entry_statistics(cluster: Cluster, index: str, name: str, terms: Sequence[Term]) -> EntryStatistics:
    """Return the statistics of one entry for these terms."""
    one: dict[str, Any] = {"ids": {"values": [name]}}
    searches: list[tuple[str, dict[str, Any]]] = []
    for term in terms:
        query = {"bool": {"filter": [one], "must": [query_of_term(term)]}}
        body = {"query": query, "explain": True, "_source": False, "docvalue_fields": ["rounded_length"], "size": 1}
        searches.append((index, body))
    heading = {"bool": {"filter": [one, {"term": {"only_heading": True}}]}}
    answers = cluster.searches([*searches, (index, {"query": heading, "size": 0, "track_total_hits": True})])
    frequencies = {}
    lengths: dict[str, int] = {}
    for term, answer in zip(terms, answers, strict=False):
        hits = answer["hits"]["hits"]
        if hits and term.field == "text":
            frequencies[term.field, term.text] = round(hits[0]["_score"] / phrase_length(term.text))
            (lengths["text"],) = hits[0]["fields"]["rounded_length"]
            continue
        figures = dict(_figures(hits[0]["_explanation"])) if hits else {}
        frequencies[term.field, term.text] = int(figures.get("freq", 0))
        if "dl" in figures:
            lengths[term.field] = int(figures["dl"])
    found = {one: (frequency, lengths.get(one[0], 0)) for one, frequency in frequencies.items()}
    only_heading = answers[-1]["hits"]["total"]["value"]
    return EntryStatistics(found, HEADING_FACTOR if only_heading else 1.0)


def _figures(explanation: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    name = explanation["description"].partition(",")[0]
    if name in ("freq", "dl"):
        yield name, explanation["value"]
    for detail in explanation.get("details", ()):
        yield from _figures(detail)
