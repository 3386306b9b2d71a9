"""The library for scripts and notebooks: stores, results, files."""
