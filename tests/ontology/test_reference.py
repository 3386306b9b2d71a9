"""The reference data: what can be counted, and what must agree."""

from collections import Counter
from datetime import date

import pytest
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef

from comity.graph.checks.findings import read_material

COMITY = Namespace("https://w3id.org/comity/ontology#")
ID = Namespace("https://w3id.org/comity/id/")


@pytest.fixture(scope="module")
def union() -> Graph:
    return read_material()[0].union


def starts(union: Graph, body: URIRef, role: URIRef) -> dict[str, date]:
    """Since when each takes part, by the records that have a start."""
    found = {}
    for record in union.subjects(COMITY.participationIn, body):
        start = union.value(record, COMITY.start)
        if (record, COMITY.role, role) in union and start is not None:
            for who in union.objects(record, COMITY.participant):
                found[str(who)] = date.fromisoformat(str(start)[:10])
    return found


def test_the_united_nations_have_193_members(union: Graph) -> None:
    members = starts(union, ID["united-nations"], COMITY.member)
    states = {str(state) for state in union.subjects(RDF.type, COMITY.State)}
    assert len(members) == 193
    assert states - set(members) == {str(ID["holy-see"]), str(ID.palestine)}
    # As many as the roster of the United Nations counts at the end of these years.
    years = Counter(day.year for day in members.values())
    assert years[1955] == 16 and years[1960] == 17
    assert max(members.values()) == date(2011, 7, 14)


def test_the_charter_came_into_force_for_a_member_with_its_admission(union: Graph) -> None:
    """Two lists of the United Nations, each with dates of its own."""
    members = starts(union, ID["united-nations"], COMITY.member)
    parties = starts(union, ID["charter-of-the-united-nations"], COMITY.party)
    assert len(parties) == 48
    assert {who: members[who] for who in parties} == parties


def test_every_state_has_a_persian_name_but_one(union: Graph) -> None:
    without = {
        state
        for state in union.subjects(RDF.type, COMITY.State)
        if not any(
            isinstance(label, Literal) and label.language == "fa"
            for label in union.objects(state, RDFS.label)
        )
    }
    assert without == {ID["holy-see"]}


def test_what_begins_in_one_source_may_end_in_another(union: Graph) -> None:
    """Every end that stands alone has a record that tells of its beginning."""
    for kind, who, what in (
        (COMITY.OfficeHolding, COMITY.person, COMITY.office),
        (COMITY.Participation, COMITY.participant, COMITY.participationIn),
    ):
        for record in union.subjects(RDF.type, kind):
            end = union.value(record, COMITY.end)
            if end is None or union.value(record, COMITY.start) is not None:
                continue
            begun = [
                other
                for other in union.subjects(who, union.value(record, who))
                if union.value(other, what) == union.value(record, what)
                and (start := union.value(other, COMITY.start)) is not None
                and str(start) < str(end)
            ]
            assert begun, record
