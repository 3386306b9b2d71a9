"""HTTP: media types, request bodies, problem documents, responses."""
