"""Networks: any answer as nodes and edges, and the file formats of graph viewers."""
