"""The ontology: its documents, terms, and class hierarchy for networks and views."""
