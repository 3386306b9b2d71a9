"""Records and things as plain data: links, facts, quotations, notes, propositions."""
