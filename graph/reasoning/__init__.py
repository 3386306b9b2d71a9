"""Derived facts: shortcut rules, RDFS and OWL RL, and explanations of derived triples."""
