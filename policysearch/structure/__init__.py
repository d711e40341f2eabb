"""From clean text to headings: what :mod:`policysearch.sections` is made of."""
