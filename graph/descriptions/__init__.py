"""Descriptions of things, records, sources, the ontology and the dataset itself."""
