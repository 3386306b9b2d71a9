"""Engines that can be compared: how each is found, loaded and started.

Each serves the data as its documentation advises for one data set: Comity in a named graph below
its union, Virtuoso in a named graph, the others in the default graph.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from comity.service.bench import virtuoso
from comity.service.bench.generator import NAME
from comity.service.bench.server import Server, free_port, run


@dataclass(frozen=True)
class EngineFolder:
    """Location of an engine's data: its own folder beside the N-Triples file."""

    folder: Path
    data: Path
    limit: float
    """Time limit of a query in seconds, enforced by the client."""

    @property
    def log(self) -> Path:
        """Log of the engine's output."""
        return self.folder / "log"


@dataclass(frozen=True)
class Engine:
    """One engine: `load` fills its folder, `serve` starts it there without waiting.

    An engine that caches answers by query text gets a different comment in it each time.
    """

    name: str
    version: str
    load: Callable[[EngineFolder], None]
    serve: Callable[[EngineFolder], Server]
    keeps_answers: bool = False


@dataclass(frozen=True)
class EngineKind:
    """An engine that may be installed here; `most` is the size above which it is left out."""

    name: str
    program: str
    install: str
    make: Callable[[str], Engine]
    most: int | None = None


def program(name: str) -> str | None:
    """Return the path of a program, preferring this environment."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.is_file() else shutil.which(name)


def _says(command: str, *arguments: str) -> str:
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _comity(path: str) -> Engine:
    def settings(place: EngineFolder) -> Mapping[str, str]:
        """Return settings without the user's own. The client ends a query at the limit."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
        return own | {
            "COMITY_STORE": str(place.folder / "store"),
            "COMITY_BUNDLED": "off",
            "COMITY_TIMEOUT": str(place.limit + 10),
        }

    def load(place: EngineFolder) -> None:
        run([path, "load", str(place.data), "--graph", NAME], place.log, env=settings(place))

    def serve(place: EngineFolder) -> Server:
        port = free_port()
        address = f"http://127.0.0.1:{port}/sparql"
        command = [path, "serve", "--port", str(port)]
        return Server(command, address, place.log, env=settings(place))

    return Engine("comity", version("comity"), load, serve, keeps_answers=True)


def _oxigraph(path: str) -> Engine:
    def load(place: EngineFolder) -> None:
        folder = str(place.folder / "store")
        run([path, "load", "--location", folder, "--file", str(place.data)], place.log)

    def serve(place: EngineFolder) -> Server:
        at = f"127.0.0.1:{free_port()}"
        command = [path, "serve", "--location", str(place.folder / "store"), "--bind", at]
        return Server(command, f"http://{at}/query", place.log)

    return Engine("oxigraph", _says(path, "--version").split()[-1], load, serve)


def _virtuoso(path: str) -> Engine:
    def load(place: EngineFolder) -> None:
        virtuoso.load(path, place.folder, place.data, NAME, place.log)

    def serve(place: EngineFolder) -> Server:
        return virtuoso.serve(path, place.folder, place.log)

    return Engine("virtuoso", virtuoso.version(_says(path, "-?")), load, serve)


def _rdflib(path: str) -> Engine:
    def load(place: EngineFolder) -> None:
        """Do nothing: it reads the file when it starts."""

    def serve(place: EngineFolder) -> Server:
        port = str(free_port())
        command = [path, "serve", "--host", "127.0.0.1", "--port", port, str(place.data)]
        return Server(command, f"http://127.0.0.1:{port}/", place.log)

    try:
        installed = version("rdflib-endpoint")
    except PackageNotFoundError:  # installed in another environment
        installed = "unknown"
    return Engine("rdflib-endpoint", installed, load, serve)


KINDS: Final = (
    EngineKind("comity", "comity", "pip install comity", _comity),
    EngineKind("oxigraph", "oxigraph", "pip install oxigraph", _oxigraph),
    EngineKind("virtuoso", "virtuoso-t", "apt-get install virtuoso-opensource", _virtuoso),
    EngineKind(
        "rdflib-endpoint",
        "rdflib-endpoint",
        "pip install 'rdflib-endpoint[cli]'",
        _rdflib,
        most=200_000,
    ),
)


def found(names: Sequence[str] | None, triples: int) -> tuple[list[Engine], dict[str, str]]:
    """Return the installed engines, and the reasons why others are not compared.

    `names` are the requested engines, None for all suited to the size.
    """
    engines: list[Engine] = []
    absent: dict[str, str] = {}
    for kind in KINDS:
        path = program(kind.program)
        if names is not None and kind.name not in names:
            continue
        if path is None:
            absent[kind.name] = f"not installed: {kind.install}"
        elif names is None and kind.most is not None and triples > kind.most:
            absent[kind.name] = f"left out above {kind.most:,} triples unless selected by --engine"
        else:
            engines.append(kind.make(path))
    return engines, absent
