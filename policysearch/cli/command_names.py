"""The commands, in the order of the help: name and description."""

from __future__ import annotations

__all__ = ["COMMANDS", "COMMAND_GROUPS"]

COMMAND_GROUPS = {
    "Index": {
        "index": "Build or refresh the index.",
        "list": "List the documents, or the values of a field.",
        "info": "Show the contents of the index: counts, dates, places, roots.",
        "check": "Verify index integrity and compare it with the sources.",
        "outline": "Show the structure of a source, without an index.",
    },
    "Search": {
        "search": "Print the sections that best match a query.",
        "batch": "Run many queries from a file.",
        "kwic": "Print every occurrence of terms in context.",
        "show": "Print a section or a document.",
    },
    "Count": {
        "count": "Count terms in the texts, by place, year and more.",
        "matrix": "Print the occurrences of terms in each document or group.",
        "trend": "Print when terms first occurred, and shares of places by year.",
        "words": "Print the most frequent words or n-grams.",
        "collocates": "Print the words that occur near a phrase.",
        "keywords": "Print the terms that are more frequent in some sections.",
        "targets": "Print the targets that reports state, as a table.",
    },
    "Quotations and versions": {
        "verify": "Check the quotations and references of a draft.",
        "compare": "Compare two texts article by article.",
        "citations": "Print the places where documents cite others.",
        "reuse": "Print the passages that documents share.",
    },
    "Other programs": {
        "export": "Write documents, sections and targets as SQLite or Parquet.",
        "serve": "Serve pages in the browser and an HTTP API.",
        "mcp": "Serve read-only tools for language-model agents.",
    },
}
"""The commands by purpose: a heading of the help, and the names and descriptions below it."""

COMMANDS = {name: said for group in COMMAND_GROUPS.values() for name, said in group.items()}
