"""Parts that several network formats share: XML, JSON, zipped tables, weights, parallel edges."""
