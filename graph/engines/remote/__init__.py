"""Remote store: any SPARQL 1.1 endpoint."""
