"""The commands, in the order of the help: name and description."""

from __future__ import annotations

__all__ = ["COMMANDS"]

COMMANDS = {
    "index": "Build or refresh the index.",
    "search": "Print the sections that best match a query.",
    "batch": "Run many queries from a file.",
    "count": "Count terms in the texts, by place, year and more.",
    "matrix": "Print a table of documents or groups and the occurrences of terms.",
    "trend": "Print when terms first occurred, and the share of places by year.",
    "words": "Print the most frequent words or n-grams.",
    "collocates": "Print the words that occur near a phrase.",
    "keywords": "Print the terms that are more frequent in some sections.",
    "kwic": "Print every occurrence of terms in context.",
    "targets": "Print the targets that reports state, as a table.",
    "verify": "Check the quotations and references of a draft.",
    "compare": "Compare two texts article by article.",
    "citations": "Print the places where documents cite others.",
    "reuse": "Print the passages that documents share.",
    "list": "List the documents, or the values of a field.",
    "show": "Print a section or a document.",
    "export": "Write documents, sections and targets as SQLite or Parquet.",
    "mcp": "Serve read-only tools for language-model agents.",
    "outline": "Show the structure of a source, without an index.",
    "info": "Show the contents of the index: counts, dates, places, types, roots.",
    "serve": "Serve pages in the browser and an HTTP API.",
    "check": "Verify index integrity and compare it with the sources.",
}
