"""Command line: `comity` and the flags of its commands."""
