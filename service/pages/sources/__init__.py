"""Pages of sources: the list and the reading page."""
