"""Pages of things and graphs."""
