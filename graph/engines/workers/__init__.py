"""Worker processes for the queries of a service."""
