"""The graph as a library: sources, loading, checking and the store. It does not depend on HTTP."""
