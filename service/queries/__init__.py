"""Canned queries: execution, tables, citation, code snippets."""
