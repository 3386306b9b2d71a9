"""Parts shared by several network formats: XML, JSON, zipped tables, weights, parallel edges."""
