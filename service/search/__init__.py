"""Search and the W3C reconciliation API."""
