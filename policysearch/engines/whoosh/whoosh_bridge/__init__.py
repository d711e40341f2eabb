"""How is the index searched through Whoosh's own API?"""

from policysearch.engines.whoosh.whoosh_bridge.analysis import GramAnalyzer, WordAnalyzer
from policysearch.engines.whoosh.whoosh_bridge.index import NotWritableError, SectionIndex
from policysearch.engines.whoosh.whoosh_bridge.scoring import LuceneBM25
from policysearch.engines.whoosh.whoosh_bridge.searching import exact

__all__ = ["GramAnalyzer", "LuceneBM25", "NotWritableError", "SectionIndex", "WordAnalyzer", "exact"]
