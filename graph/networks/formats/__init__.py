"""File formats of graph viewers, one module for each; `registry` lists them."""
