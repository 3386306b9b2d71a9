"""Checks of the bundled graphs, one module for each kind."""
