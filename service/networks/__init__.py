"""Networks over HTTP: options, files, lookup of edges."""
