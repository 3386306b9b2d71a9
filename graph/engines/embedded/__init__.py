"""Embedded store: pyoxigraph on a folder of this machine."""
