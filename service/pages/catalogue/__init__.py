"""Pages of canned queries."""
