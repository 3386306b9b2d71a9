"""Ontology of Comity: its documents, its terms, its classes as networks and views need them."""
