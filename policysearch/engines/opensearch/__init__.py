"""The engine for those who outgrow one machine: the same index and the same answers on an OpenSearch cluster."""
