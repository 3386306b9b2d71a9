"""HTTP, the web pages and the command line: thin over `comity.graph`."""
