"""The dataset as a whole: VoID and DCAT, its schema, its endpoint, the addresses of its things."""
