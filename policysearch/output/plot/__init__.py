"""Counts as figures."""
