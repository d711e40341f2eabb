"""Full-text search for Chinese policy documents.

>>> import policysearch
>>> index = policysearch.open_index("index")            # doctest: +SKIP
>>> index.search("营商环境").hits[0].title                # doctest: +SKIP
'2024年澜泽市政府工作报告'
"""

# ``python -m policysearch`` runs this file while the current folder is still first on the import path. So nothing is
# imported here, not even ``__future__``; each public name is imported on first use.

__version__ = "0.2.0"
__all__ = [
    "AbsentValue",
    "Account",
    "Advice",
    "Answered",
    "BrokenTopic",
    "CheckReport",
    "Citations",
    "Claim",
    "Collocate",
    "Collocates",
    "Compared",
    "Comparison",
    "Concordance",
    "Count",
    "Counts",
    "Dictionary",
    "Difference",
    "Document",
    "DocumentRemovals",
    "DocumentRow",
    "Entry",
    "Explanation",
    "FacetValue",
    "Facets",
    "FailedDocument",
    "FieldValue",
    "FieldValues",
    "Hit",
    "HitId",
    "Hits",
    "Index",
    "IndexClosedError",
    "IndexUnusableError",
    "InputError",
    "Keyword",
    "Keywords",
    "KwicLine",
    "LimitError",
    "Listing",
    "Match",
    "Matrix",
    "Mention",
    "Name",
    "NearDuplicate",
    "OtherName",
    "Panel",
    "Passage",
    "PolicySearchError",
    "Progress",
    "QueryError",
    "Reuse",
    "SearchOptions",
    "Section",
    "Snippet",
    "SourceAccount",
    "SourceError",
    "Target",
    "Targets",
    "Topic",
    "Topics",
    "Trend",
    "TrendRow",
    "UnusedSource",
    "Verification",
    "View",
    "WordFrequency",
    "WordList",
    "__version__",
    "check_index",
    "compare_files",
    "dictionary_of",
    "draw_counts",
    "export_tables",
    "index_sources",
    "near_duplicates",
    "open_index",
    "open_whoosh",
    "other_names",
    "panel",
    "read_dictionary",
    "read_documents",
    "read_terms",
    "removed_pieces",
    "run_lines",
    "unused_sources",
]

_HOMES = {
    "corpus.concordance": ("Concordance", "KwicLine"),
    "corpus.counts": ("Count", "Counts"),
    "corpus.term_dictionary": ("Dictionary", "Entry", "dictionary_of", "read_dictionary", "read_terms"),
    "corpus.listing": ("DocumentRow", "FieldValue", "FieldValues", "Listing"),
    "corpus.panels": ("Panel", "panel"),
    "corpus.statistics.collocates": ("Collocate", "Collocates"),
    "corpus.statistics.keywords": ("Keyword", "Keywords"),
    "corpus.statistics.matrix": ("Matrix",),
    "corpus.statistics.trend": ("Trend", "TrendRow"),
    "corpus.statistics.words": ("WordFrequency", "WordList"),
    "corpus.targets.target_table": ("Target", "Targets"),
    "documents.document": ("Document", "FailedDocument", "read_documents"),
    "documents.sections": ("Section",),
    "engines.opening": ("open_whoosh",),
    "errors": (
        "IndexClosedError",
        "IndexUnusableError",
        "InputError",
        "LimitError",
        "PolicySearchError",
        "QueryError",
        "SourceError",
    ),
    "gazetteer.names": ("Name", "OtherName", "other_names"),
    "index": ("Index", "open_index"),
    "indexing.account": ("Account", "SourceAccount"),
    "indexing.checking": ("CheckReport", "Difference"),
    "indexing.maintenance": ("check_index", "index_sources", "near_duplicates", "removed_pieces"),
    "indexing.near_duplicates": ("NearDuplicate",),
    "indexing.progress": ("Progress",),
    "indexing.removed_pieces": ("DocumentRemovals",),
    "indexing.unused": ("UnusedSource", "unused_sources"),
    "output.export.export": ("export_tables",),
    "output.plot.drawing": ("draw_counts",),
    "output.search": ("run_lines",),
    "quoting.citations": ("Citations", "Mention"),
    "quoting.comparison": ("Compared", "Comparison"),
    "quoting.reuse": ("Passage", "Reuse"),
    "quoting.sides": ("compare_files",),
    "quoting.verification": ("Claim", "Verification"),
    "search.advice": ("AbsentValue", "Advice"),
    "search.batch": ("Answered",),
    "search.explanation": ("Explanation",),
    "search.facets": ("FacetValue", "Facets"),
    "search.hits": ("Hit", "HitId", "Hits", "Match", "View"),
    "search.options": ("SearchOptions",),
    "search.snippets": ("Snippet",),
    "search.topics": ("BrokenTopic", "Topic", "Topics"),
}
"""The module that defines each public name."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from policysearch.corpus.concordance import Concordance, KwicLine
    from policysearch.corpus.counts import Count, Counts
    from policysearch.corpus.listing import DocumentRow, FieldValue, FieldValues, Listing
    from policysearch.corpus.panels import Panel, panel
    from policysearch.corpus.statistics.collocates import Collocate, Collocates
    from policysearch.corpus.statistics.keywords import Keyword, Keywords
    from policysearch.corpus.statistics.matrix import Matrix
    from policysearch.corpus.statistics.trend import Trend, TrendRow
    from policysearch.corpus.statistics.words import WordFrequency, WordList
    from policysearch.corpus.targets.target_table import Target, Targets
    from policysearch.corpus.term_dictionary import Dictionary, Entry, dictionary_of, read_dictionary, read_terms
    from policysearch.documents.document import Document, FailedDocument, read_documents
    from policysearch.documents.sections import Section
    from policysearch.engines.opening import open_whoosh
    from policysearch.errors import (
        IndexClosedError,
        IndexUnusableError,
        InputError,
        LimitError,
        PolicySearchError,
        QueryError,
        SourceError,
    )
    from policysearch.gazetteer.names import Name, OtherName, other_names
    from policysearch.index import Index, open_index
    from policysearch.indexing.account import Account, SourceAccount
    from policysearch.indexing.checking import CheckReport, Difference
    from policysearch.indexing.maintenance import check_index, index_sources, near_duplicates, removed_pieces
    from policysearch.indexing.near_duplicates import NearDuplicate
    from policysearch.indexing.progress import Progress
    from policysearch.indexing.removed_pieces import DocumentRemovals
    from policysearch.indexing.unused import UnusedSource, unused_sources
    from policysearch.output.export.export import export_tables
    from policysearch.output.plot.drawing import draw_counts
    from policysearch.output.search import run_lines
    from policysearch.quoting.citations import Citations, Mention
    from policysearch.quoting.comparison import Compared, Comparison
    from policysearch.quoting.reuse import Passage, Reuse
    from policysearch.quoting.sides import compare_files
    from policysearch.quoting.verdicts import Claim
    from policysearch.quoting.verification import Verification
    from policysearch.search.advice import AbsentValue, Advice
    from policysearch.search.batch import Answered
    from policysearch.search.explanation import Explanation
    from policysearch.search.facets import Facets, FacetValue
    from policysearch.search.hits import Hit, HitId, Hits, Match, View
    from policysearch.search.options import SearchOptions
    from policysearch.search.snippets import Snippet
    from policysearch.search.topics import BrokenTopic, Topic, Topics

else:

    def __getattr__(name: str) -> object:
        for module, names in _HOMES.items():
            if name in names:
                from importlib import import_module

                globals()[name] = found = getattr(import_module(f"policysearch.{module}"), name)
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> "list[str]":
        return sorted([*__all__, *(name for name in globals() if name.startswith("__") and name.endswith("__"))])
