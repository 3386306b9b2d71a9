"""Linked data: dereferencing, dumps, VoID, the schema."""
