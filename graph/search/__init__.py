"""Full-text search over labels and quotations."""
