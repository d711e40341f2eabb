"""From clean text to headings: what :mod:`policysearch.documents.sections` is made of."""
