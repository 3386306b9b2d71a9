"""`comity bench`: Comity beside other engines, over the same made-up graph."""
