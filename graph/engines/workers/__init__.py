"""Worker processes that answer the queries of a service."""
