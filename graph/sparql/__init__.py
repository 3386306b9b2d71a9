"""SPARQL texts: tokens, syntax errors, datasets, updates, substitution of values."""
