"""Tables: the solutions of a query as files for people and their tools."""
