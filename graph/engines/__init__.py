"""Stores: the embedded one with its worker and writer processes, and remote ones."""
