"""Overviews of many records: events in time, positions by actor and issue."""
