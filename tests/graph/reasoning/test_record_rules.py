"""Rules on records: what a record counts for, by examples made for each case."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from comity.graph.errors import DataError
from comity.graph.installed import ontology_folder
from comity.graph.rdf.files import read_quads
from comity.graph.rdf.namespaces import COMITY, DERIVED_GRAPH, GRAPH
from comity.graph.reasoning.materialisation import derive
from comity.graph.reasoning.rules import read_rules

PREFIXES = f"""@prefix comity: <{COMITY}> . @prefix : <https://example.org/> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EXAMPLE = "https://example.org/"


def derived(text: str, record: str, name: str) -> list[str]:
    """The values of a derived property of :record, as local names or texts, sorted."""
    store = ox.Store()
    store.extend(read_quads(ontology_folder() / "comity.ttl", ox.NamedNode(GRAPH + "ontology")))
    store.load(f"{PREFIXES} :g {{ {text} }}".encode(), ox.RdfFormat.TRIG)
    derive(store)
    node = ox.NamedNode(EXAMPLE + record)
    quads = store.quads_for_pattern(node, ox.NamedNode(COMITY + name), None, DERIVED_GRAPH)
    values = [getattr(quad.object, "value", "") for quad in quads]
    return sorted(v.removeprefix(COMITY).removeprefix(EXAMPLE).partition("T00")[0] for v in values)


def moment(day: str, time: str = "00:00:00") -> str:
    return f'"{day}T{time}Z"^^xsd:dateTime'


CLAIM = ":f a comity:Claim ; comity:modality comity:{} ."
NOTE = ":n{} comity:onRecord :f ; comity:verdict comity:{} ."


@pytest.mark.parametrize(
    ("text", "standing", "verdicts"),
    [
        (CLAIM.format("asserted"), "toldAsFact", []),
        (CLAIM.format("presupposed"), "toldAsFact", []),
        (CLAIM.format("hoped"), "contemplated", []),
        (CLAIM.format("evaluated"), "contemplated", []),
        (CLAIM.format("hoped") + NOTE.format(1, "erroneous"), "foundErroneous", ["erroneous"]),
        (CLAIM.format("planned") + NOTE.format(1, "outdated"), "overtaken", ["outdated"]),
        (CLAIM.format("asserted") + NOTE.format(1, "contested"), "disputed", ["contested"]),
        (CLAIM.format("asserted") + NOTE.format(1, "vague"), "toldAsFact", []),
        # The gravest verdict decides, and all are told.
        (
            CLAIM.format("asserted") + NOTE.format(1, "outdated") + NOTE.format(2, "erroneous"),
            "foundErroneous",
            ["erroneous", "outdated"],
        ),
        # A wrong date leaves the fact; a wrong participant does not.
        (
            CLAIM.format("asserted")
            + NOTE.format(1, "erroneous ; comity:aspect comity:dateAspect"),
            "toldAsFact",
            ["erroneous"],
        ),
        (
            CLAIM.format("asserted")
            + NOTE.format(1, "erroneous ; comity:aspect comity:dateAspect , comity:contentAspect"),
            "foundErroneous",
            ["erroneous"],
        ),
    ],
)
def test_a_record_has_one_standing(text: str, standing: str, verdicts: list[str]) -> None:
    assert derived(text, "f", "standing") == [standing]
    assert derived(text, "f", "foundToBe") == verdicts


def test_of_several_right_records_the_first_is_named() -> None:
    text = CLAIM.format("asserted") + NOTE.format(1, "erroneous ; comity:correctedRecord :b , :a")
    assert derived(text, "f", "correctedBy") == ["a"]


MEMBER = """:f a comity:Participation ; comity:modality comity:{} ; comity:participant :oman ;
  comity:participationIn :pact ; comity:role comity:party ; {} ."""
DATED = f':g dcterms:date "2010-05-06"^^xsd:date . {MEMBER}'
ENDER = """:e a comity:Participation ; comity:modality comity:asserted ; comity:participant {} ;
  comity:participationIn :pact ; comity:role comity:{} ; comity:end {} ."""
START = f"comity:start {moment('2001-01-01')}"
SEEN = f"comity:earliest {moment('2005-01-01')} ; comity:latest {{}}"

Bounds = tuple[list[str], list[str], list[str], list[str]]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        # It began and has no end: known up to the reference date of the graph, if that has one.
        (
            DATED.format("asserted", START),
            (["2001-01-01"], [], ["2001-01-01"], ["2010-05-06T23:59:59Z"]),
        ),
        (MEMBER.format("asserted", START), (["2001-01-01"], [], ["2001-01-01"], [])),
        # It ended, by its own record or by another of the same participant, body and role.
        (
            MEMBER.format("asserted", f"{START} ; comity:end {moment('2003-01-01')}"),
            (["2001-01-01"], ["2003-01-01"], ["2001-01-01"], ["2003-01-01"]),
        ),
        (
            MEMBER.format("asserted", START) + ENDER.format(":oman", "party", moment("2004-01-01")),
            (["2001-01-01"], ["2004-01-01"], ["2001-01-01"], ["2004-01-01"]),
        ),
        (
            MEMBER.format("asserted", START) + ENDER.format(":oman", "chair", moment("2004-01-01")),
            (["2001-01-01"], [], ["2001-01-01"], []),
        ),
        # An end that is found wrong ends nothing.
        (
            MEMBER.format("asserted", START)
            + ENDER.format(":oman", "party", moment("2004-01-01"))
            + ":n comity:onRecord :e ; comity:verdict comity:erroneous .",
            (["2001-01-01"], [], ["2001-01-01"], []),
        ),
        # The end of one participant is not that of the others whom the record tells of.
        (
            MEMBER.format("asserted", f"comity:participant :iran ; {START}")
            + ENDER.format(":oman", "party", moment("2004-01-01")),
            (["2001-01-01"], [], ["2001-01-01"], []),
        ),
        # An observation is known for its day, and says no of no other; without a day, of none.
        (
            MEMBER.format("asserted", SEEN.format(moment("2005-01-01", "23:59:59"))),
            ([], [], ["2005-01-01"], ["2005-01-01T23:59:59Z"]),
        ),
        (
            MEMBER.format("asserted", SEEN.format(moment("2005-01-31", "23:59:59"))),
            ([], [], [], []),
        ),
        # What is planned, wrong or wrongly dated holds at no time.
        (DATED.format("planned", START), ([], [], [], [])),
        (DATED.format("asserted", START) + NOTE.format(1, "erroneous"), ([], [], [], [])),
        (
            DATED.format("asserted", START)
            + NOTE.format(1, "erroneous ; comity:aspect comity:dateAspect"),
            ([], [], [], []),
        ),
    ],
)
def test_it_says_when_it_holds(text: str, bounds: Bounds) -> None:
    names = ("validFrom", "validUntil", "knownFrom", "knownUntil")
    assert tuple(derived(text, "f", name) for name in names) == bounds


OFFICE = f""":minister-post comity:officeOf :iran . :ministry comity:organOf :iran .
:term a comity:OfficeHolding ; comity:modality comity:asserted ; comity:person :zarif ;
  comity:office :minister-post ; comity:start {moment("2013-08-15")} ; comity:end {moment("2021-08-26")} ."""
TALKS = """:f a comity:EventReport ; comity:modality comity:asserted ; comity:event :talks ;
  comity:reportedBy :irna ; comity:holder :irna ; {} ; comity:earliest {} ; comity:latest {} ."""


@pytest.mark.parametrize(
    ("who", "year", "agents", "through"),
    [
        ("comity:actor :zarif", "2021", ["iran", "zarif"], ["zarif"]),
        ("comity:participant :minister-post", "2021", ["iran", "minister-post"], ["minister-post"]),
        ("comity:actor :ministry", "2021", ["iran", "ministry"], ["ministry"]),
        ("comity:actor :iran", "2021", ["iran"], []),
        # Before his term he acts for himself.
        ("comity:actor :zarif", "2001", ["zarif"], []),
        # Whom it merely concerns, and who utters it, acts not.
        ("comity:concerns :iran", "2021", [], []),
    ],
)
def test_a_state_acts_through_its_offices_and_their_holders(
    who: str, year: str, agents: list[str], through: list[str]
) -> None:
    day = moment(f"{year}-01-26")
    text = OFFICE + TALKS.format(who, day, day)
    assert derived(text, "f", "actingAgent") == agents
    assert derived(text, "f", "through") == through
    assert "irna" not in derived(text, "f", "involves")


def test_what_a_minister_holds_his_state_holds() -> None:
    day = moment("2021-01-26")
    said = f"comity:holder :zarif ; comity:reportedBy :irna ; comity:earliest {day} ; comity:latest {day} ."
    position = f":f a comity:Position ; comity:modality comity:asserted ; {said}"
    hope = f":f a comity:Claim ; comity:modality comity:hoped ; {said}"
    for text in (position, hope):
        assert derived(OFFICE + text, "f", "heldBy") == ["iran", "zarif"]
    assert derived(OFFICE + position, "f", "actingAgent") == ["iran", "zarif"]
    assert derived(OFFICE + hope, "f", "actingAgent") == []


def test_a_record_involves_what_its_content_names_at_any_depth() -> None:
    text = """:f a comity:Claim ; comity:modality comity:hoped ; comity:content :c ; comity:holder :author ;
      comity:reportedBy :author .
    :c a comity:PropositionalRelation ; comity:antecedent :d ; comity:consequent :pact .
    :d a comity:ContemplatedEvent ; comity:contentAgent :oman ."""
    assert derived(text, "f", "contains") == ["c", "d"]
    assert derived(text, "f", "involves") == ["oman", "pact"]


def test_the_words_of_all_quotations_stand_in_the_order_of_the_text() -> None:
    text = """:f a comity:Claim ; comity:modality comity:asserted ; comity:evidence :q1 , :q2 .
    :q1 comity:words "second" ; comity:startOffset 20 ; comity:passage :s2 . :s2 comity:sentenceNumber 2 .
    :q2 comity:words "first" ; comity:startOffset 3 ; comity:passage :s1 . :s1 comity:sentenceNumber 1 ."""
    assert derived(text, "f", "quotedWords") == ["first ... second"]
    assert derived(text, "f", "quotedPassage") == ["s1"]


def test_a_rule_comes_after_those_that_it_asks(tmp_path: Path) -> None:
    order = [rule.name for rule in read_rules()]
    for rule in read_rules():
        assert all(order.index(name) < order.index(rule.name) for name in rule.asks & set(order))
    for one, other in ("ab", "ba"):
        text = f"PREFIX comity: <{COMITY}> CONSTRUCT {{ ?x comity:{one} ?y }} WHERE {{ ?x comity:{other} ?y }}"
        (tmp_path / f"{one}.rq").write_text(text)
    with pytest.raises(DataError, match="ask each other"):
        read_rules(tmp_path)
