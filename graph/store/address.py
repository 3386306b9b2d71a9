"""Addresses of remote stores."""

from urllib.parse import urlsplit


def without_secrets(address: str) -> str:
    """An address without user, password and query string, for people and logs."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
