"""RDF: namespaces, terms, files, quads."""
