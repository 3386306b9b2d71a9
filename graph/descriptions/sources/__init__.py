"""Sources: their texts, passages and quotations."""
