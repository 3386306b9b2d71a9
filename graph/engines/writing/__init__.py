"""Writer of a served store, and derivation in the background."""
