"""Generator of a fictitious diplomatic graph of any size; a seed gives the same graph every time.

States in regions, a tree of issues, agreements with their parties, meetings, votes on resolutions,
positions, offices, cooperation and proposals, in the terms of the ontology. None of it is true.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from comity.graph.rdf.namespaces import BASE, COMITY, GRAPH, PREFIXES, SOURCE

SEED: Final = 20210222
NAME: Final = GRAPH + "bench"
THING: Final = BASE + "id/bench-"
RECORD: Final = SOURCE + "bench#"
STATES: Final = 200
PERSONS: Final = 2_000
BODIES: Final = 60
PLACES: Final = 100
# The root of the issues is i0; below it are six topics, five parts of each, five issues of each.
TOPICS: Final = range(1, 7)
PARTS: Final = range(7, 37)
ISSUES: Final = range(37, 187)
# The world is g0; below it are five continents, four subregions of each, ten states of each.
CONTINENTS: Final = range(1, 6)
SUBREGIONS: Final = range(6, 26)
DAYS: Final = [
    f"{year}-{month:02}-{day:02}"
    for year in range(1991, 2021)
    for month in range(1, 13)
    for day in range(1, 29)
]

_STANCES: Final = ("supportive", "supportive", "supportive", "opposed", "interested", "neutral")
_VOTES: Final = ("supportive",) * 6 + ("opposed", "opposed", "neutral")
_MODALITIES: Final = ("asserted",) * 6 + ("presupposed", "hoped", "planned", "claimed")
_EVENTS: Final = ("Meeting", "Meeting", "Meeting", "Visit")
_TEXT: Final = (
    "the parties agreed to resume talks on a lasting ceasefire and on transit energy trade "
    "water sanctions borders fishing refugees inspection missiles satellites health visas "
    "railways debt tariffs culture law courts extradition police drugs piracy ports climate "
    "forests"
)
_WORDS: Final = _TEXT.split()

Triple = tuple[str, str, str]
Make = Callable[[int, random.Random], list[Triple]]


def triples(size: int, seed: int = SEED) -> Iterator[str]:
    """Yield at least `size` triples, or all things if these are more, as lines of N-Triples.

    The things come first (about 6,000 triples), then records of each kind in turn.
    """
    random_ = random.Random(seed)
    written = 0
    for each in _things():
        yield _line(each)
        written += 1
    n = 0
    while written < size:
        made = _RECORDS[n % len(_RECORDS)](n, random_)
        yield "".join(map(_line, made))
        written += len(made)
        n += 1


def _line(triple: Triple) -> str:
    return f"{triple[0]} {triple[1]} {triple[2]} .\n"


def _c(name: str) -> str:
    return f"<{COMITY}{name}>"


def _t(name: str) -> str:
    return f"<{THING}{name}>"


def _r(name: str) -> str:
    return f"<{RECORD}{name}>"


def _at(day: str, time: str = "00:00:00") -> str:
    return f'"{day}T{time}Z"^^<{PREFIXES["xsd"]}dateTime>'


_A = f"<{PREFIXES['rdf']}type>"
_LABEL = f"<{PREFIXES['rdfs']}label>"
_BROADER = f"<{PREFIXES['skos']}broader>"


def _thing(name: str, kind: str, label: str) -> list[Triple]:
    return [(_t(name), _A, _c(kind)), (_t(name), _LABEL, f'"{label}"@en')]


def _things() -> Iterator[Triple]:
    """Yield what exists before any record; some of it is needed at every size."""
    yield f"<{NAME}>", f"<{PREFIXES['dcterms']}date>", f'"2021-02-22"^^<{PREFIXES["xsd"]}date>'
    for kind, prefix, number in (
        ("State", "s", STATES),
        ("Person", "p", PERSONS),
        ("Organisation", "b", BODIES),
        ("Place", "place", PLACES),
        ("Issue", "i", ISSUES.stop),
        ("Group", "g", SUBREGIONS.stop),
    ):
        for n in range(number):
            yield from _thing(f"{prefix}{n}", kind, f"{kind} {n}")
    for n in (*TOPICS, *PARTS, *ISSUES):
        above = 0 if n in TOPICS else 1 + (n - 7) // 5 if n in PARTS else 7 + (n - 37) // 5
        yield _t(f"i{n}"), _BROADER, _t(f"i{above}")
    for n in (*CONTINENTS, *SUBREGIONS):
        yield _t(f"g{0 if n in CONTINENTS else 1 + (n - 6) // 4}"), _c("groupMember"), _t(f"g{n}")
    for n in range(STATES):
        yield _t(f"g{6 + n % 20}"), _c("groupMember"), _t(f"s{n}")


def _head(name: str, kind: str, random_: random.Random, *holders: str) -> list[Triple]:
    """Return the eight triples of every record with one holder."""
    record, quotation = _r(f"f{name}"), _r(f"q{name}")
    words = " ".join(random_.choices(_WORDS, k=6))
    return [
        (record, _A, _c(kind)),
        (record, _c("modality"), _c(random_.choice(_MODALITIES))),
        *((record, _c("holder"), holder) for holder in holders),
        (record, _c("reportedBy"), _t("reporter")),
        (record, _c("source"), f"<{SOURCE}bench>"),
        (record, _c("evidence"), quotation),
        (quotation, _c("words"), f'"{words}"'),
        (quotation, _c("passage"), _r(f"s{name}")),
    ]


def _state(random_: random.Random) -> str:
    return _t(f"s{random_.randrange(STATES)}")


def _states(random_: random.Random, low: int, high: int) -> list[str]:
    return [_t(f"s{n}") for n in random_.sample(range(STATES), random_.randint(low, high))]


def _issue(random_: random.Random) -> str:
    return _t(f"i{random_.choice(ISSUES)}")


def _day(record: str, random_: random.Random) -> list[Triple]:
    day = random_.choice(DAYS)
    return [
        (record, _c("earliest"), _at(day)),
        (record, _c("latest"), _at(day, "23:59:59")),
        (record, _c("precision"), _c("day")),
    ]


def _meeting(n: int, random_: random.Random) -> list[Triple]:
    record, event = _r(f"f{n}"), _t(f"e{n}")
    kind = random_.choice(_EVENTS)
    return [
        *_head(str(n), "EventReport", random_, _state(random_)),
        *_thing(f"e{n}", kind, f"{kind} {n}"),
        (record, _c("event"), event),
        *((record, _c("actor"), state) for state in _states(random_, 2, 5)),
        (record, _c("place"), _t(f"place{random_.randrange(PLACES)}")),
        *_day(record, random_),
    ]


def _agreement(n: int, random_: random.Random) -> list[Triple]:
    """Return an agreement with its parties; some leave it, in a further record."""
    record, agreement = _r(f"f{n}"), _t(f"a{n}")
    on = random_.choice(_WORDS)
    start = random_.choice(DAYS)
    parties = _states(random_, 2, 5)
    made = [
        *_thing(f"a{n}", "Treaty", f"Treaty {n} on {on}"),
        (agreement, _c("about"), _issue(random_)),
        *_head(str(n), "Participation", random_, _state(random_)),
        *((record, _c("participant"), state) for state in parties),
        (record, _c("participationIn"), agreement),
        (record, _c("role"), _c("party")),
        (record, _c("start"), _at(start)),
    ]
    if random_.random() < 0.2:
        left, event = _r(f"f{n}-left"), _t(f"e{n}")
        made += [
            *_head(f"{n}-left", "EventReport", random_, parties[0]),
            *_thing(f"e{n}", "Withdrawal", f"Withdrawal {n}"),
            (event, _c("eventOn"), agreement),
            (left, _c("event"), event),
            (left, _c("actor"), parties[0]),
            *_day(left, random_),
        ]
    return made


def _position(n: int, random_: random.Random) -> list[Triple]:
    record, content = _r(f"f{n}"), _r(f"c{n}")
    return [
        *_head(str(n), "Position", random_, *_states(random_, 1, 2)),
        (record, _c("stance"), _c(random_.choice(_STANCES))),
        (record, _c("issue"), _issue(random_)),
        (record, _c("content"), content),
        (content, _A, _c("StateOfAffairs")),
        (content, _c("contentAgent"), _state(random_)),
        *_day(record, random_),
    ]


def _vote(n: int, random_: random.Random) -> list[Triple]:
    """Return a resolution, and votes of some states as positions on its adoption."""
    resolution, content, issue = _t(f"a{n}"), _r(f"c{n}"), _issue(random_)
    made = [
        *_thing(f"a{n}", "Resolution", f"Resolution {n} on {random_.choice(_WORDS)}"),
        (resolution, _c("concerns"), issue),
        (content, _A, _c("StateOfAffairs")),
        (content, _c("contentObject"), resolution),
    ]
    day = random_.choice(DAYS)
    for k, state in enumerate(_states(random_, 5, 11)):
        record = _r(f"f{n}-{k}")
        made += [
            *_head(f"{n}-{k}", "Position", random_, state),
            (record, _c("stance"), _c(random_.choice(_VOTES))),
            (record, _c("issue"), issue),
            (record, _c("content"), content),
            (record, _c("earliest"), _at(day)),
            (record, _c("latest"), _at(day, "23:59:59")),
            (record, _c("precision"), _c("day")),
        ]
    return made


def _membership(n: int, random_: random.Random) -> list[Triple]:
    record, year = _r(f"f{n}"), random_.randint(1950, 2010)
    return [
        *_head(str(n), "Participation", random_, _state(random_)),
        (record, _c("participant"), _state(random_)),
        (record, _c("participationIn"), _t(f"b{random_.randrange(BODIES)}")),
        (record, _c("role"), _c("member")),
        (record, _c("start"), _at(f"{year}-01-01")),
        (record, _c("end"), _at(f"{year + random_.randint(1, 60)}-01-01")),
    ]


def _office(n: int, random_: random.Random) -> list[Triple]:
    record, office = _r(f"f{n}"), _t(f"o{n}")
    return [
        *_head(str(n), "OfficeHolding", random_, _state(random_)),
        *_thing(f"o{n}", "Office", f"Office {n}"),
        (office, _c("officeOf"), _state(random_)),
        (record, _c("person"), _t(f"p{random_.randrange(PERSONS)}")),
        (record, _c("office"), office),
        (record, _c("start"), _at(f"{random_.randint(1990, 2022)}-01-01")),
    ]


def _cooperation(n: int, random_: random.Random) -> list[Triple]:
    record = _r(f"f{n}")
    return [
        *_head(str(n), "Cooperation", random_, _state(random_)),
        *((record, _c("participant"), state) for state in _states(random_, 2, 3)),
        (record, _c("issue"), _issue(random_)),
    ]


def _proposal(n: int, random_: random.Random) -> list[Triple]:
    """Return a proposal; one in five develops the previous one."""
    record, proposal = _r(f"f{n}"), _t(f"w{n}")
    made = [
        *_head(str(n), "ProposalReport", random_, _state(random_)),
        *_thing(f"w{n}", "Proposal", f"Proposal {n}"),
        (proposal, _c("about"), _issue(random_)),
        (record, _c("proposal"), proposal),
        (record, _c("proponent"), _state(random_)),
    ]
    before = n - len(_RECORDS)
    if before >= 0 and random_.random() < 0.2:
        made.append((proposal, _c("updates"), _t(f"w{before}")))
    return made


_RECORDS: Sequence[Make] = (
    _meeting,
    _position,
    _agreement,
    _vote,
    _meeting,
    _office,
    _position,
    _cooperation,
    _membership,
    _proposal,
)
