"""Catalogue of canned queries: their files, parameters, names of things, refinements."""
