"""Lookup of what goes with the records of an overview: corrections, partners, issues around."""

import asyncio
from pathlib import Path

import pytest
from deriving import derived_tiny

from comity.graph.descriptions.labels import Labels
from comity.graph.descriptions.overviews.columns import count_undated, with_partners, with_verdicts
from comity.graph.descriptions.overviews.corrections import remarks_on, verdict_of
from comity.graph.descriptions.overviews.issues import issues_within, paths_of, silent_issues
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import COMITY, ID, SOURCE
from comity.graph.store.solutions import Solutions, solve

TREE = f"""
@prefix comity: <{COMITY}> . @prefix id: <{ID}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
id:trade a comity:Issue ; rdfs:label "trade" . id:fog a comity:Issue .
id:tolls a comity:Issue ; skos:broader id:trade .
id:river-tolls a comity:Issue ; skos:broader id:tolls .
"""


def lookup_in(store: EmbeddedStore) -> Lookup:
    async def ask(text: str) -> Solutions:
        return await solve(store, text)

    return Lookup(ask, Labels(ask, lambda: store.version))


@pytest.fixture
def tree(empty: EmbeddedStore, tmp_path: Path) -> Lookup:
    file = tmp_path / "tree.ttl"
    file.write_text(TREE)
    load(empty, [file])
    return lookup_in(empty)


def iri(name: str) -> dict[str, str]:
    return {"type": "uri", "value": f"{SOURCE}tiny#{name}"}


def test_remarks_have_their_verdict_and_what_shows_it(store: EmbeddedStore) -> None:
    record = f"{SOURCE}tiny#f2.1"
    found = asyncio.run(remarks_on(lookup_in(store), [record, f"{SOURCE}tiny#f1.1"]))
    ((remark,),) = found.values()
    assert (remark.verdict, remark.comment) == ("erroneous", "Iran only observes.")
    assert [link.text for link in remark.cited] == ["The Bulletin"]
    assert verdict_of(found[record]) == "erroneous" and verdict_of(()) == ""


def test_issues_around_one_are_found_level_by_level(tree: Lookup) -> None:
    below = asyncio.run(issues_within(tree, f"{ID}trade"))
    assert below == [f"{ID}trade", f"{ID}tolls", f"{ID}river-tolls"]
    assert len(asyncio.run(issues_within(tree, None))) == 4
    paths = asyncio.run(paths_of(tree, [f"{ID}river-tolls", "a text", f"{ID}fog"]))
    assert paths == {f"{ID}river-tolls": [f"{ID}trade", f"{ID}tolls"], f"{ID}fog": []}


def test_issues_of_silence_are_counted_or_shown(tree: Lookup) -> None:
    issue, spoken = f"{ID}tolls", {f"{ID}river-tolls"}
    assert asyncio.run(silent_issues(tree, issue, spoken, all_of_them=True)) == ([issue], 0)
    assert asyncio.run(silent_issues(tree, issue, spoken, all_of_them=False)) == ([], 1)
    # Who asks for one issue sees it though nobody speaks of it.
    assert asyncio.run(silent_issues(tree, issue, set(), all_of_them=False)) == ([issue], 2)


def test_a_file_has_the_verdict_and_is_in_order_of_time(store: EmbeddedStore) -> None:
    day = {"type": "literal", "value": "2020-01-01T00:00:00Z"}
    rows = [{"record": iri("f1.1")}, {"record": iri("f2.1"), "earliest": day}]
    found = Solutions(["record", "earliest"], rows)
    assert count_undated(rows) == 1
    whole = asyncio.run(with_verdicts(lookup_in(store), found, in_order=True))
    assert whole.columns == ["record", "verdict", "earliest"]
    assert [row["record"] for row in whole.rows] == [iri("f2.1"), iri("f1.1")]
    assert [row.get("verdict", {}).get("value") for row in whole.rows] == ["erroneous", None]


def test_a_file_has_all_who_hold_a_position() -> None:
    holder = {"type": "uri", "value": f"{ID}iran"}
    joint = {"type": "literal", "value": "true"}
    rows = [{"record": iri("f1.1"), "actor": holder, "joint": joint}]
    found = Solutions(["record", "actor", "joint"], rows)
    labels = {f"{ID}iran": "Iran"}
    with derived_tiny() as store:
        (row,) = asyncio.run(with_partners(lookup_in(store), found, labels, in_order=False)).rows
    assert row["jointHolders"]["value"] == "Iran; Russia"
