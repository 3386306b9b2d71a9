"""Middleware around the application: cache, codings, rate limit, telemetry."""
