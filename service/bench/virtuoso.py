"""Virtuoso Open Source 7 on the loopback, with its own configuration.

Buffers follow its documentation for one and a half gigabytes of memory; its limits on rows and time
are off. https://docs.openlinksw.com/virtuoso/rdfperformancetuning/
"""

import re
import shutil
from pathlib import Path

from comity.service.bench.server import EngineFailed, Server, free_port, run

_CONFIGURATION = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
ErrorLogLevel = 7
FileExtend = 200
MaxCheckpointRemap = 2000
Striping = 0
TempStorage = TempDatabase

[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
MaxCheckpointRemap = 2000
Striping = 0

[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
MaxClientConnections = 40
CheckpointInterval = 0
CaseMode = 2
DirsAllowed = {data}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxQueryMem = 2G
ThreadsPerQuery = 4
AsyncQueueMaxThreads = 10

[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
MaxClientConnections = 40
ServerThreads = 40
MaxKeepAlives = 40
KeepAliveTimeout = 600

[Client]
SQL_QUERY_TIMEOUT = 0
SQL_TXN_TIMEOUT = 0

[SPARQL]
MaxQueryCostEstimationTime = 0
"""


def version(said: str) -> str:
    """Extract the version from the program's output."""
    matched = re.search(r"Version ([0-9.]+)", said)
    return matched[1].rstrip(".") if matched else "unknown"


def serve(path: str, folder: Path, log: Path) -> Server:
    """Start it on free ports."""
    return _start(path, folder, log, folder)[0]


def load(path: str, folder: Path, data: Path, graph: str, log: Path) -> None:
    """Load a file with the bulk loader, and stop that server. Raises EngineFailed."""
    isql = shutil.which("isql-vt")
    if isql is None:
        raise EngineFailed(
            "Virtuoso's isql-vt is not installed: apt-get install virtuoso-opensource"
        )
    server, port = _start(path, folder, log, data.parent)
    statements = f"ld_dir('{data.parent}', '{data.name}', '{graph}'); rdf_loader_run(); checkpoint;"
    try:
        server.wait()
        run([isql, str(port), "dba", "dba", f"EXEC={statements}"], log)
    finally:
        server.stop()


def _start(path: str, folder: Path, log: Path, data: Path) -> tuple[Server, int]:
    """Start the server and return it with its SQL port; it may read files from `data`."""
    http, sql = free_port(), free_port()
    settings = folder / "virtuoso.ini"
    settings.write_text(_CONFIGURATION.format(folder=folder, data=data, http=http, sql=sql))
    command = [path, "+foreground", "+configfile", str(settings)]
    return Server(command, f"http://127.0.0.1:{http}/sparql", log), sql
