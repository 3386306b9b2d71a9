"""Settings from COMITY_* environment variables and from flags."""

import os
import re
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import ByteSize, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from comity.graph.errors import UsageError

_UNITS: Final = {"s": 1, "min": 60, "h": 3600}
_WORDS: Final = {1: "a second", 60: "a minute", 3600: "an hour"}
_RATE: Final = re.compile(r"([1-9]\d{0,8})/(s|min|h)", re.ASCII)

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["text", "json"]

PREFIX = "COMITY_"


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of requests in a number of seconds; they may arrive all at once."""

    requests: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `100/min`; raises ValueError."""
        found = _RATE.fullmatch(text.strip())
        if found is None:
            raise ValueError("should be a number per s, min or h, such as 100/min, or off")
        return cls(int(found[1]), _UNITS[found[2]])

    def __str__(self) -> str:
        return f"{self.requests} {_WORDS[self.seconds]}"


def default_store() -> str:
    """Return the store's folder in the user's data directory."""
    return str(Path(platformdirs.user_data_dir("comity", appauthor=False)) / "store")


class Settings(BaseSettings):
    """All settings; each takes effect."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid"
    )

    store: str = Field(default_factory=default_store, min_length=1)
    """A folder, `memory`, or the http(s) address of a SPARQL 1.1 endpoint."""
    store_update: str | None = None
    """Address for updates of a remote store; without it the store is read-only."""
    store_graphs: str | None = None
    """Address of a remote store for the Graph Store Protocol."""
    store_auth: str | None = Field(default=None, min_length=1, repr=False)
    """Credentials for a remote store: user:password, or the value of an Authorization header."""
    store_immutable: bool = False
    """True if no one writes to a remote store, so that answers may be cached."""
    union: bool = True
    """True if a query that names no dataset runs over the union of the named graphs."""
    bundled: bool = True
    """True if the bundled graphs are in the store."""
    timeout: float = Field(default=30, gt=0, allow_inf_nan=False)
    """Time limit of a query in seconds."""
    workers: int = Field(default_factory=lambda: max(4, 2 * (os.cpu_count() or 1)), ge=1, le=1000)
    """Queries up to a quarter of a second that run at once; twice as many longer ones may too."""
    memory: ByteSize = Field(default=ByteSize(1_000_000_000), ge=50_000_000)
    """Memory limit of a query in bytes; `2GB` is understood."""
    cache: ByteSize = Field(default=ByteSize(64_000_000), ge=0)
    """Bytes of memory for cached answers; 0 for no cache."""
    max_body: ByteSize = Field(default=ByteSize(1_000_000), gt=0)
    """Maximum bytes of a request body; `2MB` is understood."""
    max_upload: ByteSize = Field(default=ByteSize(1_000_000_000), gt=0)
    """Maximum bytes of data sent to the graph store, decompressed."""
    token: str | None = Field(default=None, min_length=1, repr=False)
    """Token that allows writing; without it the service is read-only."""
    service_allow: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses that SERVICE may call, separated by commas."""
    queries: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders of further canned queries, separated as in PATH."""
    show_text: bool = False
    """True if the reading page of a source shows its text, if attached."""
    cors: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may read this service, separated by commas; `*` or `off`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    base: str | None = None
    """Public address, if a proxy stands in front."""
    proxy: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "::1")
    """Addresses or networks of proxies whose X-Forwarded-For and -Proto are trusted."""
    rate: Annotated[Rate | None, NoDecode] = None
    """Request rate of one client: `100/min`, or `off`."""
    grace: float = Field(default=10, ge=0, allow_inf_nan=False)
    """Seconds that running answers get to finish when the service stops."""
    log_level: Level = "warning"
    """Log level: `info` logs a line for each request."""
    log_format: Format = "text"
    slow_query: float | None = Field(default=5, gt=0, allow_inf_nan=False)
    """Seconds after which a query is logged with its text, or `off`."""

    @field_validator("store_update", "store_graphs")
    @classmethod
    def _remote(cls, value: str | None) -> str | None:
        if value is not None:
            _require_address(value)
        return value

    @field_validator("queries", mode="before")
    @classmethod
    def _folders(cls, value: object) -> object:
        return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value

    @field_validator("queries")
    @classmethod
    def _exist(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        for folder in value:
            if not folder.is_dir():
                raise ValueError(f"there is no folder {folder}")
        return value

    @field_validator("service_allow", mode="before")
    @classmethod
    def _addresses(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = tuple(filter(None, re.split(r"[,\s]+", value.strip())))
        for each in found:
            if urlsplit(each).scheme not in ("http", "https") or not urlsplit(each).hostname:
                raise ValueError(f"{each} should be an http or https address")
        return found

    @field_validator("cors", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if _is_off(value):
            return ()
        return tuple(filter(None, re.split(r"[,\s]+", value.strip())))

    @field_validator("proxy", mode="before")
    @classmethod
    def _proxies(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = () if _is_off(value) else tuple(filter(None, re.split(r"[,\s]+", value.strip())))
        for each in found:
            try:
                ip_network(each)
            except ValueError:
                raise ValueError(f"{each} should be an IP address or network") from None
        return found

    @field_validator("rate", mode="before")
    @classmethod
    def _rate(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return None if _is_off(value) else Rate.parse(value)

    @field_validator("slow_query", mode="before")
    @classmethod
    def _seconds(cls, value: object) -> object:
        return None if isinstance(value, str) and _is_off(value) else value

    @field_validator("base")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        _require_address(value)
        parts = urlsplit(value)
        if parts.query or parts.fragment or re.search(r"[\s<>\"{}|\\^`]", value):
            raise ValueError("should be an address without query, fragment or spaces")
        return value.rstrip("/")


def _is_off(value: str) -> bool:
    return value.strip().lower() in ("off", "false", "0", "none")


def _require_address(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("should be an http or https address")


def read_settings(**flags: Any) -> Settings:
    """Read the settings of this process; a flag that is not None overrides the environment."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise UsageError(
            "; ".join(_line(dict(each), given) for each in error.errors()),
            hint="`comity serve --help` lists the settings",
        ) from None


def _line(error: dict[str, Any], flags: dict[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else "settings"
    message = str(error["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    if name in flags:
        return f"--{name.replace('_', '-')} {error['input']}: {message}"
    return f"{PREFIX}{name.upper()}={error['input']}: {message}"
