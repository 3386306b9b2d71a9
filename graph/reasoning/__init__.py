"""Derived facts: shortcut rules, RDFS and OWL RL, and why a derived triple holds."""
