"""The library for scripts and notebooks: a store, its results, its files."""
