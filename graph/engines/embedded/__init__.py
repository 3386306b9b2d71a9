"""Embedded store: pyoxigraph on a local folder."""
