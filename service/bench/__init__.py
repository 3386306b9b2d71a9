"""`comity bench`: Comity compared with other engines on the same generated graph."""
