"""Networks: any answer as nodes and edges, and the files that graph viewers read."""
