"""Addresses of remote stores."""

from urllib.parse import urlsplit


def is_remote(location: object) -> bool:
    """True if a store's location is the address of a remote one."""
    return isinstance(location, str) and location.startswith(("http://", "https://"))


def without_secrets(address: str) -> str:
    """Remove user, password and query string from an address, for people and logs."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
