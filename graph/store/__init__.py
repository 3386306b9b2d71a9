"""Interface of every store: a query goes in, its answer comes out as bytes."""
