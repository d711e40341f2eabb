"""The embedded engine: Whoosh segments in a codec of this package's own."""
