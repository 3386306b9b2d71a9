"""Routes for operators: health, version, running queries, backup."""
