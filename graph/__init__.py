"""The graph as a library: sources, loading, checking and the store. It knows nothing of HTTP."""
