"""Overviews: positions as a table, events as a timeline."""
