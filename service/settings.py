"""Settings, from COMITY_* environment variables and from flags."""

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
    """So many requests in so many seconds; all of them may come at once."""

    requests: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `100/min`; raises ValueError."""
        found = _RATE.fullmatch(text.strip())
        if found is None:
            raise ValueError("should be a number for s, min or h, such as 100/min, or off")
        return cls(int(found[1]), _UNITS[found[2]])

    def __str__(self) -> str:
        return f"{self.requests} {_WORDS[self.seconds]}"


def default_store() -> str:
    """The folder in the user's data directory."""
    return str(Path(platformdirs.user_data_dir("comity", appauthor=False)) / "store")


class Settings(BaseSettings):
    """Every setting there is; each takes effect."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid"
    )

    store: str = Field(default_factory=default_store, min_length=1)
    """A folder, `memory`, or the http(s) address of a SPARQL 1.1 endpoint."""
    store_update: str | None = None
    """Where a remote store takes updates; without it nothing is written there."""
    store_graphs: str | None = None
    """Where a remote store speaks the Graph Store Protocol."""
    store_auth: str | None = Field(default=None, min_length=1, repr=False)
    """For a remote store: user:password, or the value of an Authorization header."""
    store_immutable: bool = False
    """Whether no one writes to a remote store, so that answers may be kept."""
    union: bool = True
    """Whether a query that names no dataset runs over the union of the named graphs."""
    bundled: bool = True
    """Whether the bundled graphs are in the store."""
    timeout: float = Field(default=30, gt=0, allow_inf_nan=False)
    """Seconds that a query may take."""
    workers: int = Field(default_factory=lambda: max(4, 2 * (os.cpu_count() or 1)), ge=1, le=1000)
    """Queries of up to a quarter of a second that run at once; twice as many longer ones beside."""
    memory: ByteSize = Field(default=ByteSize(1_000_000_000), ge=50_000_000)
    """Bytes of memory that a query may take; `2GB` is understood."""
    cache: ByteSize = Field(default=ByteSize(64_000_000), ge=0)
    """Bytes of memory for answers that are kept to be given again; 0 keeps none."""
    max_body: ByteSize = Field(default=ByteSize(1_000_000), gt=0)
    """Bytes that a request's body may have; `2MB` is understood."""
    max_upload: ByteSize = Field(default=ByteSize(1_000_000_000), gt=0)
    """Bytes that data sent to the graph store may have, decompressed."""
    token: str | None = Field(default=None, min_length=1, repr=False)
    """What a client shows that may write; without it no one may."""
    service_allow: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses that SERVICE may call: a list with commas."""
    queries: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders of further canned queries: a list as PATH is one."""
    show_text: bool = False
    """Whether the reading page of a source shows its text, where it is attached."""
    cors: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may read this service: a list with commas, `*` or `off`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    base: str | None = None
    """The public address, where a proxy stands in front."""
    proxy: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "::1")
    """Addresses or networks of proxies whose X-Forwarded-For and -Proto are believed."""
    rate: Annotated[Rate | None, NoDecode] = None
    """Requests that one client may send: `100/min`, or `off`."""
    grace: float = Field(default=10, ge=0, allow_inf_nan=False)
    """Seconds that running answers have to end in when the service is stopped."""
    log_level: Level = "warning"
    """What is logged: `info` has a line for each request."""
    log_format: Format = "text"
    slow_query: float | None = Field(default=5, gt=0, allow_inf_nan=False)
    """Seconds from which on a query is logged with its text, or `off`."""

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
    """The settings of this process; a flag that is not None beats the environment."""
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
