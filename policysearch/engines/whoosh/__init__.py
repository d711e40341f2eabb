"""The embedded engine: segments of this package's own, which Whoosh can read as well (``whoosh_bridge``)."""
