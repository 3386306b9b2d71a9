"""How long derived facts take: a made-up diplomatic graph of N triples, beside the bundled graphs.

python tests/benchmarks/derive.py 10000 100000 1000000

Each size runs in a process of its own, whose peak memory is that of the deriving alone: the graph
is made and loaded by another. The same seed makes the same graph.
"""

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from comity.graph.embedded import open_store
from comity.graph.load import load
from comity.graph.namespaces import BASE, PREFIXES
from comity.graph.reason import derive

SEED = 20210222
STATES, PERSONS, BODIES, AGREEMENTS, ISSUES = 200, 2_000, 60, 400, 80
STANCES = ("supportive", "opposed", "interested", "neutral")
MODALITIES = ("asserted",) * 6 + ("presupposed", "hoped", "planned", "claimed")
THING = BASE + "id/bench-"
RECORD = BASE + "source/bench#"
NAME = BASE + "graph/bench"


def graph(size: int, seed: int = SEED) -> Iterator[str]:
    """About `size` triples as lines of Turtle: the things, then records of each kind in turn."""
    random_ = random.Random(seed)
    yield "".join(f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in ("comity", "dcterms", "xsd"))
    yield f"@prefix t: <{THING}> .\n@prefix r: <{RECORD}> .\n"
    yield f'<{NAME}> dcterms:date "2021-02-22"^^xsd:date .\n'
    written = 1
    for kind, prefix, number in _THINGS:
        for n in range(number):
            yield f"t:{prefix}{n} a comity:{kind} .\n"
        written += number
    n = 0
    while written < size:
        text, count = _RECORDS[n % len(_RECORDS)](n, random_)
        yield text
        written += count
        n += 1


_THINGS = (
    ("State", "s", STATES),
    ("Person", "p", PERSONS),
    ("Format", "b", BODIES),
    ("Treaty", "a", AGREEMENTS),
    ("Issue", "i", ISSUES),
)


def _head(n: int, kind: str, random_: random.Random) -> str:
    """Eight triples that every record has."""
    return (
        f"r:f{n} a comity:{kind} ; comity:modality comity:{random_.choice(MODALITIES)} ;\n"
        f"  comity:holder t:s{random_.randrange(STATES)} ; comity:reportedBy t:reporter ;\n"
        f"  comity:source <{BASE}source/bench> ; comity:evidence r:q{n} . r:q{n} "
        f'comity:words "words {n}" ; comity:passage r:s{n} .\n'
    )


def _states(random_: random.Random, low: int, high: int) -> str:
    return ", ".join(f"t:s{s}" for s in random_.sample(range(STATES), random_.randint(low, high)))


def _meeting(n: int, random_: random.Random) -> tuple[str, int]:
    kind = random_.choice(("Meeting", "Meeting", "Visit", "Withdrawal", "Signature"))
    who = _states(random_, 2, 5)
    on = f" ; comity:eventOn t:a{random_.randrange(AGREEMENTS)}" if kind[0] in "WS" else ""
    text = (
        f"t:e{n} a comity:{kind}{on} .\nr:f{n} comity:event t:e{n} ; comity:actor {who} ; "
        f"comity:place t:place{n % 100} .\n"
    )
    return _head(n, "EventReport", random_) + text, 11 + who.count(",") + bool(on)


def _position(n: int, random_: random.Random) -> tuple[str, int]:
    text = (
        f"r:f{n} comity:stance comity:{random_.choice(STANCES)} ; comity:content r:c{n} ; "
        f"comity:issue t:i{random_.randrange(ISSUES)} .\n"
        f"r:c{n} a comity:StateOfAffairs ; comity:contentObject t:a{random_.randrange(AGREEMENTS)} .\n"
    )
    return _head(n, "Position", random_) + text, 13


def _participation(n: int, random_: random.Random) -> tuple[str, int]:
    role, where = random_.choice(
        (("party", f"t:a{n % AGREEMENTS}"), ("member", f"t:b{n % BODIES}"))
    )
    who, year = _states(random_, 1, 3), random_.randint(1950, 2020)
    end = f"{year + random_.randint(1, 60)}-01-01T00:00:00Z"
    text = (
        f"r:f{n} comity:participant {who} ; comity:participationIn {where} ; "
        f'comity:role comity:{role} ; comity:start "{year}-01-01T00:00:00Z"^^xsd:dateTime ; '
        f'comity:end "{end}"^^xsd:dateTime .\n'
    )
    return _head(n, "Participation", random_) + text, 13 + who.count(",")


def _office(n: int, random_: random.Random) -> tuple[str, int]:
    text = (
        f"t:o{n} a comity:Office ; comity:officeOf t:s{random_.randrange(STATES)} .\n"
        f"r:f{n} comity:person t:p{random_.randrange(PERSONS)} ; comity:office t:o{n} ; "
        f'comity:start "{random_.randint(1990, 2022)}-01-01T00:00:00Z"^^xsd:dateTime .\n'
    )
    return _head(n, "OfficeHolding", random_) + text, 13


def _cooperation(n: int, random_: random.Random) -> tuple[str, int]:
    who = _states(random_, 2, 3)
    text = f"r:f{n} comity:participant {who} ; comity:issue t:i{random_.randrange(ISSUES)} .\n"
    return _head(n, "Cooperation", random_) + text, 10 + who.count(",")


def _proposal(n: int, random_: random.Random) -> tuple[str, int]:
    text = (
        f"r:f{n} comity:proposal t:w{n} ; comity:proponent t:s{random_.randrange(STATES)} .\n"
        f"t:w{n} comity:proposalIssue t:i{random_.randrange(ISSUES)} .\n"
    )
    return _head(n, "ProposalReport", random_) + text, 11


_RECORDS = (
    _meeting,
    _position,
    _participation,
    _meeting,
    _office,
    _cooperation,
    _position,
    _proposal,
)


def make(folder: str, size: int) -> None:
    """Make the graph and load it, without deriving: the store has no bundled graphs yet."""
    path = Path(folder) / "bench.ttl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(graph(size))
    store = open_store(Path(folder) / "store", bundled=False)
    load(store, [path], graph=NAME)
    store.close()


def run(folder: str) -> None:
    """Install the bundled graphs, which derives, and derive again; print what that took.

    The processor's seconds are the ones to compare where other programs keep it busy.
    """
    started, used = time.monotonic(), time.process_time()
    store = open_store(Path(folder) / "store")
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
