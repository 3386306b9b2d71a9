"""The texts of the network views: what they link, what narrows them, and that no hope reads as fact."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
import pytest
import rdflib

from comity.graph.catalogue.front_matter import QueryFile, read_query
from comity.graph.catalogue.queries import load_views, read_canned
from comity.graph.checks.findings import Material, read_material
from comity.graph.checks.questions import _without, ask, difference
from comity.graph.installed import queries_folder
from comity.graph.networks.elements import Header, is_contemplated
from comity.graph.networks.from_answer import add_rows
from comity.graph.networks.model import Network
from comity.graph.rdf.namespaces import BASE, COMITY, ID, PREFIXES, SOURCE
from comity.graph.rdf.terms import local_name, shorten
from comity.graph.reasoning.materialisation import derive
from comity.graph.sparql.substitution import replace, replace_all
from comity.graph.store.solutions import Term, select

FOLDER: Final = queries_folder() / "networks"
FILES: Final = [*sorted(FOLDER.glob("*.rq")), FOLDER / "parts" / "records.rq"]
VIEWS: Final = {file.stem: read_query(file) for file in FILES}
TIME: Final = ("from", "to", "as_of", "undated")
ALL: Final = ("actor", "issue", *TIME, "modality", "facts", "source")
WITH_STANCE: Final = ("actor", "issue", *TIME, "modality", "facts", "stance", "source")
# The order of what GROUP_CONCAT joins is the engine's own (SPARQL 1.1 §18.5.1.7).
OWN_ORDER: Final = {"actors": "on"}
ARTICLE: Final = SOURCE + "moscow-tehran-relations"
HEAD: Final = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())

Row = dict[str, Term]
Edge = tuple[str, ...]


@pytest.fixture(scope="module")
def material() -> Material:
    return read_material()[0]


@pytest.fixture(scope="module")
def store(material: Material) -> ox.Store:
    """The bundled graphs with what is derived of them, as a service has them."""
    store = ox.Store()
    store.extend(material.store)
    derive(store)
    return store


def with_triples(store: ox.Store, turtle: str) -> ox.Store:
    """A copy with some triples more, in a graph of their own, and what then is derived."""
    copy = ox.Store()
    copy.extend(quad for quad in store if "derived" not in str(quad.graph_name))
    head = HEAD.replace("PREFIX", "@prefix").replace(">\n", "> .\n")
    graph = ox.NamedNode(BASE + "graph/more")
    for quad in ox.parse(head + turtle, format=ox.RdfFormat.TURTLE):
        copy.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    derive(copy)
    return copy


def rows(store: ox.Store, name: str, **given: ox.NamedNode | ox.Literal) -> list[Row]:
    return select(store, replace(VIEWS[name].text, given))


def bag(found: Iterable[Row]) -> Counter[str]:
    """Rows to compare: a view has no order."""
    return Counter(str(sorted(row.items())) for row in found)


def cells(row: Row, *names: str) -> Edge:
    """The terms of some columns, without the prefix of things."""
    return tuple(shorten(row[n]).removeprefix("id:") if n in row else "" for n in names)


def edges(found: Iterable[Row], *further: str) -> set[Edge]:
    return {cells(row, "source", "target", "type", *further) for row in found}


def term(curie: str) -> ox.NamedNode:
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def day(date: str) -> ox.Literal:
    return ox.Literal(f"{date}T00:00:00Z", datatype=term("xsd:dateTime"))


def last(date: str) -> ox.Literal:
    return ox.Literal(f"{date}T23:59:59Z", datatype=term("xsd:dateTime"))


def touching(found: Iterable[Row], node: Term) -> list[Row]:
    return [row for row in found if node in (row.get("source"), row.get("target"))]


def marked(row: Row) -> bool:
    """Whether the network takes the row for something that is no fact."""
    names = (local_name(row[n].value) if n in row else None for n in ("modality", "status"))
    return is_contemplated(*names)


# The files


def test_every_view_is_sound() -> None:
    found = load_views()
    assert [str(error) for error in found.broken] == []
    assert set(found.queries) == set(VIEWS) - {"records"}
    for query in found.queries.values():
        assert query.form == "table" and "network" in query.tags
        assert query.summary != query.name and query.description
        assert {"source", "target", "type"} <= set(query.columns)


def test_the_parameters() -> None:
    for name in VIEWS:
        query = read_canned(next(file for file in FILES if file.stem == name))
        own = {
            "ontology": (),
            "records": ("record",),
            "actors": WITH_STANCE,
            "positions": WITH_STANCE,
            "everything": (*WITH_STANCE, "schemes", "record"),
        }
        assert tuple(p.name for p in query.parameters) == own.get(name, ALL)
        # A view without arguments is all of it.
        assert {p.need for p in query.parameters} <= {"optional"}
        assert {p.example for p in query.parameters} <= {None}


@pytest.mark.parametrize("query", VIEWS.values(), ids=lambda query: query.name)
def test_no_individual_stands_in_a_text(query: QueryFile) -> None:
    lines = [line for line in query.text.splitlines() if not line.startswith(("#", "PREFIX"))]
    assert not re.findall(r"\bid:.*|<http.*|\bsource:.*", "\n".join(lines))


@pytest.mark.parametrize("name", sorted(set(VIEWS) - {"records"}))
def test_a_view_has_the_edges_that_its_file_says(name: str, store: ox.Store) -> None:
    assert difference(VIEWS[name], ask(store, VIEWS[name])) == ""
    assert len(VIEWS[name].expected.rows) >= 5  # type: ignore[union-attr]


@pytest.mark.parametrize("name", sorted(set(VIEWS) - {"records", "ontology"}))
def test_a_view_rests_on_its_evidence(name: str, material: Material) -> None:
    evidence = (VIEWS[name].first("evidence") or "").split()
    assert evidence
    for fragment in evidence:
        without = _without(material.store, fragment)
        derive(without)
        assert difference(VIEWS[name], ask(without, VIEWS[name]))


@pytest.fixture(scope="module")
def dataset(store: ox.Store) -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=True)
    quads = ox.serialize(iter(store), format=ox.RdfFormat.N_QUADS)
    return dataset.parse(data=quads, format="nquads")


# rdflib needs more than ten minutes for it; tests of remote stores ask it of Virtuoso and Oxigraph.
TOO_LONG_IN_RDFLIB = ("everything",)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in VIEWS if name not in TOO_LONG_IN_RDFLIB])
def test_rdflib_gives_the_same(name: str, dataset: rdflib.Dataset, store: ox.Store) -> None:
    result = dataset.query(VIEWS[name].text)
    names = [str(v) for v in result.vars or () if str(v) != OWN_ORDER.get(name)]
    theirs = Counter(
        tuple("" if row[n] is None else str(row[n]).replace("+00:00", "Z") for n in names)  # type: ignore[index, call-overload]
        for row in result
    )
    found = rows(store, name)
    assert theirs == Counter(tuple(r[n].value if n in r else "" for n in names) for r in found)


# What they link


def test_the_positions_of_the_article_are_seven_joint_ones(store: ox.Store) -> None:
    # A record that rests on two runs of words has a row for each.
    found = {
        cells(row, "source", "record", "stance")
        for row in rows(store, "positions", source=ox.NamedNode(ARTICLE))
        if "joint" in row
    }
    assert Counter(holder for holder, _, _ in found) == {"russia": 7, "iran": 7}
    stances = Counter(shorten_(stance) for holder, _, stance in found if holder == "russia")
    assert stances == {
        "interested": 2,
        "supportive": 3,
        "opposed": 1,
        "unspecified": 1,
    }


def shorten_(text: str) -> str:
    return text.removeprefix("comity:")


def test_a_stance_is_towards_what_the_position_says_alone(store: ox.Store) -> None:
    """Russia and Iran oppose a linkage (f39.1), and neither the JCPOA nor Gulf security."""
    for name in ("positions", "everything", "actors"):
        opposed = [row for row in rows(store, name) if "opposed" in str(row.get("stance"))]
        assert opposed
        if name != "actors":
            assert {cells(r, "target") for r in opposed} == {("gulf-security-jcpoa-linkage",)}


def test_a_position_on_no_issue_is_on_what_it_says() -> None:
    said = """
    <urn:one#p> a comity:Position ; comity:holder id:oman ; comity:stance comity:opposed ;
      comity:modality comity:asserted ; comity:source <urn:one> ; comity:content <urn:one#c> ;
      comity:concerns id:jcpoa .
    <urn:one#c> a comity:StateOfAffairs ; rdfs:label "the end of the JCPOA"@en .
    <urn:one#q> a comity:Position ; comity:holder id:oman ; comity:stance comity:supportive ;
      comity:modality comity:asserted ; comity:source <urn:one> ; comity:concerns id:jcpoa .
    <urn:one#r> a comity:Position ; comity:holder id:qatar ; comity:stance comity:neutral ;
      comity:modality comity:asserted ; comity:source <urn:one> ."""
    store = with_triples(ox.Store(), said)
    assert {(e[0], shorten_(e[2]), e[1]) for e in edges(rows(store, "positions"))} == {
        ("oman", "opposed", "the end of the JCPOA"),
        ("oman", "supportive", "jcpoa"),
        ("qatar", "neutral", ""),
    }
    assert not rows(store, "positions", issue=term("id:sanctions"))


def test_two_actors_are_linked_once(store: ox.Store) -> None:
    symmetric = re.compile("With$|contemplated")
    pairs = [row for row in rows(store, "actors") if symmetric.search(row["type"].value)]
    assert len(pairs) > 50
    assert all(row["source"].value < row["target"].value for row in pairs)


def test_the_fields_of_a_cooperation_stand_on_its_one_edge(store: ox.Store) -> None:
    found = [row for row in rows(store, "actors") if row.get("record") == fact("f41.1")]
    (fields,) = [row["on"].value.split(" | ") for row in found]
    assert len(fields) == 11 and "Syrian settlement" in fields


def fact(fragment: str) -> ox.NamedNode:
    return ox.NamedNode(f"{ARTICLE}#{fragment}")


def test_persons_hang_together_with_their_states(store: ox.Store) -> None:
    found = edges(rows(store, "actors"))
    for person, office, state in (
        ("vladimir-putin", "president-of-russia", "russia"),
        ("nikol-pashinyan", "prime-minister-of-armenia", "armenia"),
        ("antonio-guterres", "secretary-general-of-the-united-nations", "united-nations"),
    ):
        assert (person, office, "comity:holdsOffice") in found
        assert (office, state, "comity:officeOf") in found
    reached, links = {"iran"}, [edge[:2] for edge in found]
    while more := {n for pair in links if reached & {*pair} for n in pair} - reached:
        reached |= more
    assert {"turkey", "armenia", "mike-pompeo", "united-states", "hassan-rouhani"} <= reached


def test_an_office_without_a_holder_hangs_on_its_state() -> None:
    store = with_triples(
        ox.Store(), "id:emir-of-qatar a comity:Office ; comity:officeOf id:qatar ."
    )
    assert edges(rows(store, "actors")) == {("emir-of-qatar", "qatar", "comity:officeOf")}
    assert rows(store, "actors", actor=term("id:qatar"))
    for given in ({"as_of": day("2021-01-01")}, {"source": ox.NamedNode(ARTICLE)}):
        assert not rows(store, "actors", **given)


def council(store: ox.Store, **given: ox.Literal) -> set[str]:
    roles = ("permanentMember", "electedMember")
    found = rows(store, "participation", **given)
    return {row["source"].value for row in found if row["type"].value.endswith(roles)}


def test_the_members_of_the_council_on_a_day_are_fifteen(store: ox.Store) -> None:
    """A term ends with the first instant at which it no longer holds."""
    old, new = ID + "germany", ID + "norway"
    for date, member, other in (("2020-12-31", old, new), ("2021-01-01", new, old)):
        found = council(store, as_of=day(date))
        assert len(found) == 15
        assert member in found and other not in found
    # Over a span, those of all its days.
    assert len(council(store, **{"from": day("2020-12-31"), "to": last("2021-01-01")})) == 20
    assert len(council(store, **{"from": day("2021-01-01"), "to": last("2021-01-31")})) == 15


def test_the_united_states_left_the_jcpoa(store: ox.Store) -> None:
    def parties(date: str) -> set[Edge]:
        found = rows(store, "participation", as_of=day(date))
        return {e for e in edges(found) if e[:2] == ("united-states", "jcpoa")}

    party = ("united-states", "jcpoa", "comity:committedParticipant")
    left = ("united-states", "jcpoa", "comity:withdrewFrom")
    assert parties("2018-05-07") == {party}
    assert parties("2018-05-08") == {party, left}  # the day on which they left counts as held
    assert parties("2018-05-09") == set()
    assert parties("2020-01-01") == set()
    assert left in edges(rows(store, "participation", source=ox.NamedNode(ARTICLE)))


def test_an_end_is_known_by_the_event_that_brought_it() -> None:
    """Of several reports the tightest bound, and not that of one which is found erroneous."""
    report = """<urn:%s#e> a comity:EventReport ; comity:event id:exit ; comity:actor id:oman ;
      comity:latest "%sT23:59:59Z"^^xsd:dateTime ; comity:modality comity:asserted ;
      comity:source <urn:%s> . """
    said = """<urn:p> a comity:Participation ; comity:participant id:oman ; comity:modality
      comity:asserted ; comity:participationIn id:pact ; comity:role comity:party ; comity:endedBy
      id:exit ; comity:start "2001-01-01T00:00:00Z"^^xsd:dateTime ; comity:source <urn:s> .
    <urn:n> comity:onRecord <urn:wrong#e> ; comity:verdict comity:erroneous .
    id:exit a comity:Withdrawal ; comity:eventOn id:pact ."""
    for name, date in (("early", "2004-05-06"), ("late", "2010-01-01"), ("wrong", "2003-01-01")):
        said += report % (name, date, name)
    store = with_triples(ox.Store(), said)
    for view in ("participation", "everything", "records"):
        found = [r for r in rows(store, view) if r.get("record") == ox.NamedNode("urn:p")]
        ends = {r["end"].value for r in found if r["type"] == term("comity:party")}
        assert ends == {"2004-05-06T23:59:59Z"}
    # It may have ended before: that it still held on that day is not known, that it is over then is.
    for date, there in (("2004-05-06", True), ("2004-05-07", False)):
        assert not rows(store, "participation", as_of=day(date))
        possible = edges(rows(store, "participation", as_of=day(date), undated=ox.Literal(True)))
        assert (("oman", "pact", "comity:party") in possible) is there


def test_a_meeting_that_is_scheduled_is_no_event(store: ox.Store) -> None:
    found = touching(rows(store, "meetings"), fact("c25.1"))
    assert {cells(r, "type", "status", "verdict") for r in found} == {
        (f"comity:{type}", "comity:scheduled", "comity:outdated")
        for type in ("contentPlace", "contentFormat", "realizedBy")
    }
    held = touching(rows(store, "meetings"), term("id:sochi-astana-meeting-2021-02"))
    assert {cells(r, "target", "type") for r in held if "status" not in r} == {
        ("astana-format", "comity:inFormat"),
        ("sochi", "comity:place"),
        ("sochi-astana-meeting-2021-02", "comity:tookPartIn"),
    }


def test_an_actor_is_shown_with_all_of_its_events(store: ox.Store) -> None:
    """Zarif's talks are Iran's, since he held its office; so Lavrov and Moscow belong to them."""
    found = edges(rows(store, "meetings", actor=term("id:iran")))
    talks = "zarif-lavrov-talks-2021-01-26"
    assert ("sergey-lavrov", talks, "comity:tookPartIn") in found
    assert (talks, "moscow", "comity:place") in found
    assert not [edge for edge in found if "moscow-meeting-2021-01-11" in edge]


def test_a_meeting_knows_its_format_though_no_report_says_so() -> None:
    said = """id:sitting a comity:Meeting ; comity:meetingOf id:club .
    <urn:s#e> comity:event id:sitting ; comity:participant id:oman ; comity:modality comity:asserted ;
      comity:source <urn:s> ."""
    store = with_triples(ox.Store(), said)
    of = ("sitting", "club", "comity:meetingOf")
    assert of in edges(rows(store, "meetings", actor=term("id:oman")))
    assert of not in edges(rows(store, "meetings", actor=term("id:qatar")))
    # It is the source's word no more than that of the reports.
    assert of not in edges(rows(store, "meetings", source=ox.NamedNode("urn:s")))


def test_what_became_of_a_proposal() -> None:
    said = """id:plan a comity:Proposal ; comity:about id:sanctions .
    <urn:s#f> comity:proposal id:plan ; comity:proponent id:oman , id:qatar ; comity:actor id:envoy ;
      comity:modality comity:asserted ; comity:source <urn:s> .
    <urn:s#g> comity:concerns id:plan ; comity:holder id:oman ; comity:modality comity:proposed ;
      comity:source <urn:s> ; comity:content <urn:s#c> .
    <urn:s#c> a comity:ContemplatedEvent ; comity:contentKind comity:Meeting ;
      comity:status comity:suggested ; comity:realizedBy id:summit ."""
    said += "comity:ContemplatedEvent rdfs:subClassOf comity:Proposition ."
    store = with_triples(ox.Store(), said)
    found = edges(rows(store, "proposals"), "status")
    assert {(e[0], e[1], shorten_(e[2]), shorten_(e[3])) for e in found} == {
        ("oman", "plan", "putForward", ""),
        ("qatar", "plan", "putForward", ""),
        ("envoy", "plan", "presented", ""),
        ("plan", "sanctions", "about", ""),
        ("plan", "urn:s#c", "content", "suggested"),
        ("urn:s#c", "summit", "realizedBy", "suggested"),
    }
    assert ("oman", "qatar", "proposedWith") in edges(rows(store, "actors"))
    assert edges(rows(store, "proposals", actor=term("id:oman")), "status") == found
    assert not rows(store, "proposals", actor=term("id:iran"))


def test_a_source_speaks_of_all_that_its_records_name(store: ox.Store) -> None:
    found = edges(rows(store, "sources"), "record")
    kayhan = {e[1] for e in found if e[3] == "source:kayhan-2021-01-26#f2"}
    assert kayhan == {
        *("mohammad-javad-zarif", "sergey-lavrov", "zarif-lavrov-talks-2021-01-26", "moscow"),
        "information-security-agreement-signature",
    }
    # Things, not what is said of them.
    said = select(store, HEAD + "SELECT ?c { ?c a/rdfs:subClassOf comity:Proposition }")
    assert said and not {row["c"] for row in said} & {r["target"] for r in rows(store, "sources")}


def test_everything_has_every_record_and_nothing_derived(store: ox.Store) -> None:
    found = rows(store, "everything")
    records = select(store, f"SELECT ?record {{ ?record <{COMITY}modality> ?modality }}")
    assert {row["record"] for row in found if "record" in row} == {r["record"] for r in records}
    shortcuts = select(store, f"SELECT ?p {{ ?p <{COMITY}rule> ?rule }}")
    assert not {row["type"] for row in found} & {row["p"] for row in shortcuts}
    plain = {e for e in edges(r for r in found if "record" not in r)}
    assert ("moscow", "russia", "comity:capitalOf") in plain
    assert ("persian-gulf-coastal-states", "oman", "comity:groupMember") in plain


def test_the_schemes_of_concepts_are_shown_when_asked_for(store: ox.Store) -> None:
    whole = edges(rows(store, "everything"))
    assert not {e for e in whole if e[2].startswith("skos:")}
    found = edges(rows(store, "everything", schemes=ox.Literal(True)))
    assert whole < found == whole | {e for e in found if e[2].startswith("skos:")}
    assert ("syrian-constitution", "syrian-settlement", "skos:broader") in found
    related = [e for e in found if e[2] == "skos:related"]
    assert related and not {(b, a) for a, b, _ in related} & {e[:2] for e in related}
    assert edges(rows(store, "everything", schemes=ox.Literal(False))) == whole


def test_a_found_error_is_shown_as_one(store: ox.Store) -> None:
    for name in ("participation", "sources", "everything", "records"):
        found = [row for row in rows(store, name) if row.get("record") == fact("f35.2")]
        assert {cells(row, "verdict") for row in found} == {("comity:erroneous",)}
    fine = [row for row in rows(store, "positions") if "verdict" in row]
    assert fine == []


def test_the_ontology_has_all_of_its_classes(store: ox.Store) -> None:
    found = rows(store, "ontology")
    of = f"<{PREFIXES['rdfs']}isDefinedBy> ?ontology"
    for kind, ends in (("Class", ("source", "target")), ("ObjectProperty", ("type",))):
        asked = f"SELECT ?x {{ ?x a <{PREFIXES['owl']}{kind}> ; {of} }}"
        assert {r["x"] for r in select(store, asked)} <= {r[end] for r in found for end in ends}
    assert all("label" in row for row in found)
    assert {shorten(row["target"]).partition(":")[0] for row in found} == {"comity", "skos", "owl"}


# What narrows them

HELD: Final = """SELECT DISTINCT ?who ?for {
  { ?who comity:officeOf|comity:organOf ?for } UNION { ?h comity:person ?who ; comity:office ?for }
  UNION { ?h comity:person ?who ; comity:office/comity:officeOf ?for } }"""
# An office or a person acts for another only in the records of the time in which it did.
OF: Final = """SELECT DISTINCT ?record ?for {
  { ?record comity:involves|comity:heldBy ?for } UNION { ?record comity:office/comity:officeOf ?for }
  UNION { ?record comity:officeThen/comity:office ?for } }"""
# Views whose every edge of an actor has the actor, an office of it or one of their holders as an end.
BY_ENDS: Final = ("actors", "positions", "participation", "sources", "everything")
WITHOUT: Final = {
    *((name, "vladimir-putin") for name in ("positions", "participation")),
    *((name, "foreign-minister-of-russia") for name in ("positions", "proposals")),
}
NARROWED: Final = sorted(set(VIEWS) - {"ontology", "records"})


# The reference date of all bundled graphs: what has begun and has no end is not known beyond.
REFERENCE: Final = "2021-02-22"


def may_overlap(row: Row, first: str, until: str) -> bool:
    start, end = (row[n].value if n in row else "" for n in ("start", "end"))
    # Only an end of a participation or an office is the midnight at which it no longer holds.
    over = end <= first if end.endswith("T00:00:00Z") else end < first
    return not (end and over) and (not start or start <= until)


def in_span(row: Row, first: str, until: str) -> bool:
    return ("start" in row or "end" in row) and may_overlap(row, first, until)


def holds_on(row: Row, date: str, known: dict[Term, tuple[str, str] | None]) -> bool:
    """Whether it is known to: of participations and offices, what is derived of their records."""
    moment = day(date).value
    if row.get("record") in known:
        span = known[row["record"]]
        return span is not None and span[0] <= moment and not over(span[1], moment)
    return "start" in row and "end" in row and may_overlap(row, moment, moment)


def over(end: str, moment: str) -> bool:
    return end <= moment if end.endswith("T00:00:00Z") else end < moment


KNOWN: Final = """SELECT DISTINCT ?r ?from ?until { ?r comity:participationIn|comity:office ?body
  OPTIONAL { ?r comity:knownFrom ?from ; comity:knownUntil ?until } }"""


@pytest.mark.parametrize("name", NARROWED)
@pytest.mark.parametrize("span", [("2015-07-01", "2018-12-31"), ("2020-08-01", "2021-01-31")])
def test_a_span(name: str, span: tuple[str, str], store: ox.Store) -> None:
    first, until = day(span[0]), last(span[1])
    whole, found = rows(store, name), rows(store, name, **{"from": first, "to": until})
    assert bag(found) == bag(r for r in whole if in_span(r, first.value, until.value))
    assert len(found) < len(whole)
    assert found or (name in ("positions", "proposals") and span[0] < "2019")


@pytest.mark.parametrize("name", NARROWED)
@pytest.mark.parametrize("date", ["2020-08-14", "2021-02-22", "2021-02-23", "2030-01-01"])
def test_a_day(name: str, date: str, store: ox.Store) -> None:
    whole, found = rows(store, name), rows(store, name, as_of=day(date))
    known = {
        r["r"]: (r["from"].value, r["until"].value) if "from" in r else None
        for r in select(store, HEAD + KNOWN)
    }
    wrong = {r["r"] for r in select(store, HEAD + "SELECT ?r { ?r comity:refutedBy ?note }")}
    right = [r for r in whole if r.get("record") not in wrong]
    assert bag(found) == bag(r for r in right if holds_on(r, date, known))
    assert len(found) < len(whole)
    assert found or date > REFERENCE


@pytest.mark.parametrize("name", NARROWED)
def test_what_is_not_dated_is_there_when_asked_for(name: str, store: ox.Store) -> None:
    """Then only what is known to lie elsewhere stays out."""
    whole, undated = rows(store, name), {"undated": ox.Literal(True)}
    first, until = day("2020-08-01"), last("2021-01-31")
    found = rows(store, name, **{"from": first, "to": until}, **undated)
    assert bag(found) == bag(r for r in whole if may_overlap(r, first.value, until.value))
    moment = day("2030-01-01")
    found = rows(store, name, as_of=moment, **undated)
    assert bag(found) == bag(r for r in whole if may_overlap(r, moment.value, moment.value))
    # Said of nothing that is dated, it changes nothing.
    assert bag(rows(store, name, **undated)) == bag(whole)
    assert bag(rows(store, name, as_of=moment, undated=ox.Literal(False))) == bag(
        rows(store, name, as_of=moment)
    )


def test_nothing_holds_beyond_what_its_source_knows(store: ox.Store) -> None:
    """Where a participation is open, its graph's reference date says up to when it is known."""
    found = edges(rows(store, "participation", as_of=day("2021-02-22")))
    taking_part = {e for e in found if e[1:] == ("jcpoa", "comity:committedParticipant")}
    assert ("iran", "jcpoa", "comity:committedParticipant") in taking_part
    assert ("united-states", "jcpoa", "comity:committedParticipant") not in taking_part
    assert not council(store, as_of=day("2030-01-01"))
    # Norway's term has an end, and so is known beyond.
    assert council(store, as_of=day("2022-06-01")) == {
        ID + state for state in ("india", "ireland", "kenya", "mexico", "norway")
    }


@pytest.mark.parametrize("name", NARROWED)
def test_facts_alone(name: str, store: ox.Store) -> None:
    whole, found = rows(store, name), rows(store, name, facts=ox.Literal(True))
    told = {
        r["r"] for r in select(store, HEAD + "SELECT ?r { ?r comity:standing comity:toldAsFact }")
    }
    assert bag(found) == bag(
        r for r in whole if not marked(r) and ("record" not in r or r["record"] in told)
    )
    # Of these, what is found wrong is a date, which is then none.
    wrong = [r for r in found if r.get("verdict") == term("comity:erroneous")]
    assert not [r for r in wrong if "start" in r or "end" in r]
    assert 0 < len(found) < len(whole)


@pytest.mark.parametrize("name", ["actors", "positions", "everything"])
@pytest.mark.parametrize("stance", ["opposed", "interested"])
def test_a_stance(name: str, stance: str, store: ox.Store) -> None:
    whole, found = rows(store, name), rows(store, name, stance=term(f"comity:{stance}"))
    assert bag(found) == bag(r for r in whole if r.get("stance") == term(f"comity:{stance}"))
    assert 0 < len(found) < len(whole)


@pytest.mark.parametrize("name", NARROWED)
@pytest.mark.parametrize("modality", ["comity:asserted", "comity:committed", "comity:proposed"])
def test_a_modality(name: str, modality: str, store: ox.Store) -> None:
    whole, found = rows(store, name), rows(store, name, modality=term(modality))
    assert bag(found) == bag(row for row in whole if row.get("modality") == term(modality))
    assert len(found) < len(whole) or name == "participation"


@pytest.mark.parametrize("name", NARROWED)
@pytest.mark.parametrize("source", ["moscow-tehran-relations", "xinhua-2020-08-15"])
def test_a_source(name: str, source: str, store: ox.Store) -> None:
    whole, found = rows(store, name), rows(store, name, source=term(f"source:{source}"))
    of = (row for row in whole if "record" in row)
    assert bag(found) == bag(r for r in of if r["record"].value.startswith(f"{SOURCE}{source}#"))
    assert len(found) < len(whole)


@pytest.mark.parametrize("name", NARROWED)
@pytest.mark.parametrize("actor", ["iran", "vladimir-putin", "foreign-minister-of-russia"])
def test_an_actor(name: str, actor: str, store: ox.Store) -> None:
    held = {r["who"] for r in select(store, HEAD + HELD) if r["for"] == term(f"id:{actor}")}
    mine = {term(f"id:{actor}"), *held}
    whole, found = rows(store, name), rows(store, name, actor=term(f"id:{actor}"))
    assert len(found) < len(whole)
    assert bag(found) <= bag(whole)
    if name in BY_ENDS:
        ends = ("target",) if name == "sources" else ("source", "target")
        then = {r["record"] for r in select(store, HEAD + OF) if r["for"] == term(f"id:{actor}")}
        of = [r for r in whole if "record" not in r or r["record"] in then]
        assert bag(found) == bag(r for r in of if mine & {r.get(end) for end in ends})
    assert found or (name, actor) in WITHOUT


@pytest.mark.parametrize("name", NARROWED)
@pytest.mark.parametrize("issue", ["persian-gulf-security", "iran-nuclear-issue"])
def test_an_issue_and_narrower_ones(name: str, issue: str, store: ox.Store) -> None:
    narrower = "SELECT ?i { ?i skos:broader* ?issue VALUES ?issue { id:" + issue + " } }"
    below = {row["i"] for row in select(store, HEAD + narrower)}
    whole, found = rows(store, name), rows(store, name, issue=term(f"id:{issue}"))
    assert bag(found) <= bag(whole)
    assert len(found) < len(whole)
    # No source tells of a proposal on the nuclear issue.
    assert found or (name, issue) == ("proposals", "iran-nuclear-issue")
    if name == "positions":
        assert bag(found) == bag(row for row in whole if row["target"] in below)
    if name == "participation" and issue == "iran-nuclear-issue":
        assert {cells(row, "target") for row in found} == {("jcpoa",)}


def test_a_record_or_several_alone(store: ox.Store) -> None:
    some = [fact("f39.1"), fact("f33.1")]
    for name in ("everything", "records"):
        whole = rows(store, name)
        one = (row for row in whole if row.get("record") == some[0])
        assert bag(rows(store, name, record=some[0])) == bag(one)
        both = select(store, replace_all(VIEWS[name].text, "record", some))
        assert edges(both) == edges(r for r in whole if r.get("record") in some)


# Any graph that has records


def test_everything_and_records_tell_the_same_of_records(store: ox.Store) -> None:
    found = rows(store, "records")
    assert bag(found) == bag(row for row in rows(store, "everything") if "record" in row)


def collapsed(turtle: str) -> set[Edge]:
    found = rows(with_triples(ox.Store(), turtle), "records")
    return {(e[0], e[1], shorten_(e[2]), shorten_(e[3])) for e in edges(found, "status")}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("comity:holder id:a ; comity:issue id:b", {("a", "b", "issue", "")}),
        (
            "comity:holder id:a ; comity:stance comity:neutral ; comity:issue id:b ; comity:concerns id:c",
            {("a", "b", "neutral", ""), ("a", "c", "concerns", "")},
        ),
        # Who acts, not who tells of it.
        (
            "comity:holder id:a ; comity:actor id:b , id:c ; comity:event id:d ; comity:place id:e",
            {(who, *what, "") for who in "bc" for what in (("d", "event"), ("e", "place"))},
        ),
        (
            "comity:participant id:a ; comity:participationIn id:b ; comity:role comity:chair ; comity:issue id:c",
            {("a", "b", "chair", ""), ("a", "c", "issue", "")},
        ),
        ("comity:person id:a ; comity:office id:b", {("a", "b", "office", "")}),
        (
            "comity:participant id:b , id:a , id:c",
            {("a", "b", T, ""), ("a", "c", T, ""), ("b", "c", T, ""), ("c", "", T, "")},
        )
        if (T := "togetherWith")
        else (),
        ("comity:holder id:a", {("a", "", "togetherWith", "")}),
        ("comity:participant id:a ; comity:concerns id:a , id:b", {("a", "b", "concerns", "")}),
    ],
)
def test_a_bare_record_is_collapsed(said: str, expected: set[Edge]) -> None:
    assert collapsed(f"<urn:r> comity:modality comity:asserted ; {said} .") == expected


def test_plain_triples_are_left_to_others() -> None:
    assert collapsed("id:moscow comity:capitalOf id:russia .") == set()


# A hope is never a fact

PROBE: Final = BASE + "probe/"
MODALITIES: Final = (
    *("asserted", "presupposed", "evaluated", "predicted", "hoped"),
    *("planned", "proposed", "committed", "believed", "claimed"),
)
_RECORD: Final = """
<{p}record> a comity:Claim , comity:Position ; rdfs:label "probe"@en ; comity:modality comity:{m} ;
  comity:joint true ; comity:holder <{p}told/a> , <{p}told/b> ; comity:stance comity:supportive ;
  comity:reportedBy <{p}told/reporter> ; comity:source <{p}told/source> ;
  comity:issue <{p}told/issue> ; comity:concerns <{p}told/proposal> ;
  comity:content <{p}event> , <{p}bare> , <{p}state> , <{p}link> , <{p}things> , <{p}stance> .
<{p}told/proposal> a comity:Proposal .
<{p}event> a comity:ContemplatedEvent ; comity:contentKind comity:Meeting ; {parts}
  comity:status comity:scheduled ; comity:realizedBy <{p}came> .
# As it must not be, but may be in data of others: without a status.
<{p}bare> a comity:ContemplatedEvent ; comity:contentKind comity:Visit ; {parts}
  rdfs:label "bare"@en .
<{p}state> a comity:StateOfAffairs ; {parts} rdfs:label "state"@en .
<{p}link> a comity:PropositionalRelation ; comity:relationKind comity:condition ;
  comity:antecedent <{p}deep> ; comity:consequent <{p}end> .
<{p}deep> a comity:StateOfAffairs ; {parts} rdfs:label "deep"@en .
<{p}things> a comity:PropositionalRelation ; comity:relationKind comity:cause ;
  comity:antecedent <{p}one> ; comity:consequent <{p}other> .
<{p}stance> a comity:ReportedStatement ; comity:contentHolder <{p}whose> ;
  comity:contentStance comity:opposed ; comity:contentIssue <{p}matter> .
<{p}came> a comity:Meeting .
"""
_PARTS: Final = """comity:contentAgent <{p}agent> , <{p}partner> ; comity:contentObject <{p}object> ;
  comity:contentIssue <{p}matter> ; comity:contentPlace <{p}place> ; comity:contentFormat <{p}format> ;"""


@pytest.fixture(scope="module")
def probed(store: ox.Store) -> ox.Store:
    """The bundled graphs with a record of each modality and all kinds of content."""
    text = ""
    for modality in MODALITIES:
        p = f"{PROBE}{modality}/"
        text += _RECORD.format(p=p, m=modality, parts=_PARTS.format(p=p))
    text += f'<{BASE}graph/more> dcterms:date "2021-02-22" .'
    return with_triples(store, text)


def only_contained(node: Term | None) -> bool:
    return node is not None and node.value.startswith(PROBE) and "/told/" not in node.value


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_that_is_contemplated_reads_as_fact(name: str, probed: ox.Store) -> None:
    found = [
        r for r in rows(probed, name) if any(only_contained(r.get(e)) for e in ("source", "target"))
    ]
    assert [r for r in found if not marked(r)] == []
    # A hope is not told from a fact by its mark alone: its edges have types of their own.
    if name != "sources":  # there the type is the class of the record
        facts = {row["type"] for row in rows(probed, name) if not marked(row)}
        assert not {row["type"] for row in found} & facts - {term("comity:opposed")}
    if name not in ("participation", "ontology"):
        assert {r["modality"] for r in found} == {term(f"comity:{m}") for m in MODALITIES}
    else:
        assert found == []


@pytest.mark.parametrize("name", VIEWS)
def test_nor_does_what_the_graph_itself_contains(name: str, store: ox.Store) -> None:
    """What a source tells only inside of a hope, plan or belief: no edge of fact leads from it."""
    told = {(r.get("source"), r.get("target")) for r in rows(store, name) if not marked(r)}
    us, sochi = term("id:united-states"), term("id:sochi")
    assert (us, term("id:joe-biden")) not in told
    assert (fact("author"), sochi) not in told
    contents = select(store, f"SELECT ?c {{ ?record <{COMITY}content> ?c }}")
    assert not {row["c"] for row in contents} & {node for pair in told for node in pair}


def test_a_mark_says_what_kind_of_no_fact(probed: ox.Store) -> None:
    def statuses(node: str) -> set[Edge]:
        found = rows(probed, "records")
        return {
            cells(row, "status")
            for row in found
            if row.get("source") == ox.NamedNode(f"{PROBE}asserted/{node}")
        }

    assert statuses("agent") == {("comity:scheduled",), ("said",)}
    assert statuses("one") == {("said",)}


@pytest.mark.parametrize("name", VIEWS)
def test_nor_does_an_edge_of_the_network(name: str, probed: ox.Store) -> None:
    """Also where several rows tell of one edge."""
    solutions = probed.query(VIEWS[name].text, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    with Network(Header(name)) as network:
        add_rows(network, solutions)
        contained = {node.id for node in network.nodes() if node.iri and PROBE in node.iri}
        contained -= {node.id for node in network.nodes() if "/told/" in str(node.iri)}
        hopes = [edge for edge in network.edges() if contained & {edge.source, edge.target}]
        assert all(edge.contemplated for edge in hopes)
        assert hopes or name in ("participation", "ontology")
