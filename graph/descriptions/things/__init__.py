"""Things as pages show them: sections of records, periods, stages, neighbours."""
