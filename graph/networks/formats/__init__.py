"""File formats of graph viewers, one module each; `registry` lists them."""
