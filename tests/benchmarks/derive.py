"""How long derived facts take: a made-up diplomatic graph of N triples, beside the bundled graphs.

python tests/benchmarks/derive.py 10000 100000 1000000

Each size runs in a process of its own, whose peak memory is that of the deriving alone: the graph
is made and loaded by another. The same seed makes the same graph.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from comity.graph.engines.embedded.load import load
from comity.graph.engines.opening import open_embedded
from comity.graph.reasoning.materialisation import derive
from comity.service.bench.generator import NAME, triples


def make(folder: str, size: int) -> None:
    """Make the graph and load it, without deriving: the store has no bundled graphs yet."""
    path = Path(folder) / "bench.nt"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(triples(size))
    store = open_embedded(Path(folder) / "store", bundled=False)
    load(store, [path], graph=NAME)
    store.close()


def run(folder: str) -> None:
    """Install the bundled graphs, which derives, and derive again; print what that took.

    The processor's seconds are the ones to compare where other programs keep it busy.
    """
    started, used = time.monotonic(), time.process_time()
    store = open_embedded(Path(folder) / "store")
    opened, used_once = time.monotonic() - started, time.process_time() - used
    used = time.process_time()
    with store.replacing() as engine:
        again = derive(engine)
    used_again = time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{len(store.engine) - again.triples:>10,} triples: {again.triples:,} derived in "
        f"{again.seconds:.1f} s, processor {used_again:.1f} s (installing the bundle with deriving: "
        f"{opened:.1f} s, processor {used_once:.1f} s), "
        f"peak {peak:,} MB; {sum(again.shortcuts.values()):,} shortcuts {again.shortcuts}"
    )
    store.close()


def main() -> None:
    """Measure each size that is named."""
    if sys.argv[1:2] == ["--make"]:
        make(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1:2] == ["--run"]:
        run(sys.argv[2])
    else:
        for size in sys.argv[1:] or ["10000", "100000", "1000000"]:
            with tempfile.TemporaryDirectory() as folder:
                for step in (["--make", folder, size], ["--run", folder]):
                    subprocess.run([sys.executable, __file__, *step], check=True)


if __name__ == "__main__":
    main()
