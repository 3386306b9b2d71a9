"""SPARQL over HTTP: query, update, Graph Store Protocol, service description, editor."""
