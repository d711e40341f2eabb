"""A Whoosh searcher with exact quoted phrases."""

from __future__ import annotations

import copy
import heapq
from collections.abc import Iterator
from typing import Any

from whoosh import highlight, query
from whoosh.analysis import Token
from whoosh.searching import Results, Searcher

from policysearch.engines.whoosh.whoosh_bridge.analysis import occurrence_spans
from policysearch.engines.whoosh.whoosh_bridge.schema import ExactText, TypedWord, WordField
from policysearch.text.folding import reduce, reduce_with_offsets

__all__ = ["PhraseHighlighter", "SectionSearcher", "exact"]


def exact(phrase: str, fieldname: str = "text", boost: float = 1.0) -> Any:
    """Return a query for the sections that contain a phrase, compared as in the program's own searches.

    For every weighting it is one term with frequencies of its own.
    """
    return query.Term(fieldname, ExactText(reduce(phrase)), boost=boost)


def exactly(q: Any, schema: Any) -> Any:
    """Return a query with its quoted phrases made exact; phrases with slop stay as in Whoosh."""

    def of_leaf(leaf: Any) -> Any:
        fieldname = leaf.field() if isinstance(leaf, (query.Phrase, query.Term)) else None
        if fieldname is None or fieldname not in schema or not isinstance(schema[fieldname], WordField):
            return leaf
        if isinstance(leaf, query.Phrase):
            phrase = _phrase(leaf.words) if leaf.slop == 1 else ""
        else:
            phrase = leaf.text.phrase if isinstance(leaf.text, TypedWord) else ""
        return exact(phrase, fieldname, leaf.boost) if phrase else leaf

    return q.accept(of_leaf)


def _phrase(words: list[str]) -> str:
    """Return the text of a phrase: as typed when it comes from a parser, else its words joined."""
    phrases = {word.phrase if isinstance(word, TypedWord) else "" for word in words}
    return phrases.pop() if len(phrases) == 1 and "" not in phrases else reduce(" ".join(words))


class SectionSearcher(Searcher):  # type: ignore[misc]
    """Whoosh's searcher. A phrase without slop matches exactly as in the program's own searches."""

    def search(self, q: Any, **options: Any) -> Any:
        """Return the results of a query, as Whoosh's searcher does."""
        results = super().search(q, **options)
        if isinstance(results, Results):
            results.highlighter = PhraseHighlighter()
        return results

    def search_with_collector(self, q: Any, collector: Any, context: Any = None) -> None:
        """Run a query with a collector."""
        super().search_with_collector(exactly(q, self.schema), collector, context)

    def docs_for_query(self, q: Any, for_deletion: bool = False) -> Iterator[int]:
        """Yield the numbers of the sections that a query selects."""
        return super().docs_for_query(exactly(q, self.schema), for_deletion)  # type: ignore[no-any-return]


class PhraseHighlighter(highlight.Highlighter):  # type: ignore[misc]
    """Whoosh's highlighter, which also marks quoted phrases, and reads texts of any length."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"fragmenter": highlight.ContextFragmenter(charlimit=None), **options})

    def highlight_hit(
        self,
        hitobj: Any,
        fieldname: str,
        text: str | None = None,
        top: int = 3,
        minscore: float = 1,
        **options: Any,
    ) -> Any:
        """Return the best fragments of a hit with the matches marked."""
        results = hitobj.results
        field = results.searcher.schema[fieldname]
        if results.has_matched_terms():
            found = (term for term in results.matched_terms() if term[0] == fieldname)
        else:
            found = results.query_terms(expand=True, fieldname=fieldname)
        words = {field.from_bytes(term[1]) for term in found}
        phrases = {word for word in words if isinstance(word, ExactText)}
        if not phrases or self.can_load_chars(results, fieldname):
            return super().highlight_hit(hitobj, fieldname, text=text, top=top, minscore=minscore, **options)
        shown: str = hitobj[fieldname] if text is None else text
        tokens = field.analyzer(shown, positions=True, chars=True, mode="index")
        cut = (copy.copy(token) for token in highlight.set_matched_filter(tokens, words - phrases))
        merged = heapq.merge(cut, _marks(shown, phrases), key=lambda token: (token.startchar, -token.endchar))
        fragments = self.fragmenter.fragment_tokens(shown, self._merge_matched_tokens(merged))
        best = highlight.top_fragments(fragments, top, self.scorer, self.order, minscore=minscore)
        return self.formatter.format(best)


def _marks(text: str, phrases: set[Any]) -> Iterator[Any]:
    """Yield a matched token for each place of a phrase in a text, left to right; overlapping places count as one."""
    reduced = reduce_with_offsets(text)
    spans: list[tuple[int, int]] = []
    for start, end in sorted(span for phrase in phrases for span in occurrence_spans(phrase, reduced.text)):
        if spans and start < spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    for start, end in reduced.spans(spans):
        yield Token(True, True, text=text[start:end], pos=0, startchar=start, endchar=end, matched=True)
