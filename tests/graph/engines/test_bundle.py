"""The bundled graphs: which file goes where, and what an upgrade leaves alone."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QuerySolutions

from comity.graph.engines.bundle import Bundle, install
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.renamed import notice, old_terms, renaming
from comity.graph.errors import DataError
from comity.graph.installed import queries_folder
from comity.graph.store.record import installed_hash, protected_graphs

GRAPH = "https://w3id.org/comity/graph/"
ID = "https://w3id.org/comity/id/"
OLD = "https://w3id.org/comity/ontology#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
MINE = NamedNode(GRAPH + "mine")


@pytest.fixture
def store() -> Iterator[EmbeddedStore]:
    store = open_embedded("memory", bundled=False)
    yield store
    store.close()


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    for n, name in enumerate(("comity", "issues", "shapes", "alignments/a", "imports/b")):
        write(tmp_path, f"ontology/{name}.ttl", f"<http://e/o{n}> <http://e/p> {n} .")
    write(
        tmp_path,
        "graph/sources/one/facts.trig",
        f"<{GRAPH}one> {{ <http://e/s> <http://e/p> 1, 2 }} <{GRAPH}uno> {{ <x:a> <x:b> <x:c> }}",
    )
    write(tmp_path, "graph/reference/states.trig", f"<{GRAPH}states> {{ <x:d> <x:e> 1 }}")
    write(tmp_path, "graph/sources/one/notes.ttl", "<x:not> <x:bundled> 1 .")
    return Bundle(tmp_path / "ontology", tmp_path / "graph")


def contents(store: EmbeddedStore) -> dict[str, int]:
    """The size of each graph, by the last part of its name, without the bundle's own record."""
    found: dict[str, int] = {}
    for quad in store.engine:
        name = getattr(quad.graph_name, "value", "").rpartition("/")[2]
        found[name] = found.get(name, 0) + 1
    found.pop("bundle", None)
    return found


BUNDLED = {"ontology": 2, "issues": 1, "shapes": 1, "alignments": 1, "one": 2, "uno": 1}


def test_each_file_goes_to_its_graph(store: EmbeddedStore, bundle: Bundle) -> None:
    assert install(store, bundle)
    assert contents(store) == BUNDLED | {"states": 1}


def test_the_record(store: EmbeddedStore, bundle: Bundle) -> None:
    install(store, bundle)
    assert installed_hash(store) == bundle.release_hash()
    rows = store.select(
        """PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX graph: <https://w3id.org/comity/graph/>
        SELECT ?version ?part ?size FROM graph:bundle {
          graph:bundle a void:Dataset ; dcterms:hasVersion ?version ; void:subset ?part .
          ?part void:triples ?size
        }"""
    )
    sizes = {row["part"].value.rpartition("/")[2]: int(row["size"].value) for row in rows}  # type: ignore[union-attr]
    assert sizes == BUNDLED | {"states": 1}


def test_the_same_release_is_installed_once(store: EmbeddedStore, bundle: Bundle) -> None:
    assert install(store, bundle)
    version = store.version
    assert not install(store, bundle)
    assert store.version == version


def test_an_upgrade_replaces_drops_and_leaves_alone(store: EmbeddedStore, bundle: Bundle) -> None:
    install(store, bundle)
    with store.writing() as engine:
        engine.update(
            f"INSERT DATA {{ <x:m> <x:n> 1 . GRAPH <{GRAPH}mine> {{ <x:m> <x:n> 1 }} "
            f"GRAPH <{GRAPH}derived> {{ <x:m> <x:n> 1 }} }}"
        )
    (bundle.graph / "sources/one/facts.trig").write_text(
        f"<{GRAPH}one> {{ <x:new> <x:b> 1 }} <{GRAPH}new> {{ <x:a> <x:b> 1 }}"
    )
    (bundle.graph / "reference/states.trig").unlink()
    assert install(store, bundle)
    kept = {"ontology": 2, "issues": 1, "shapes": 1, "alignments": 1}
    assert contents(store) == kept | {"one": 1, "new": 1, "mine": 1, "": 1}
    assert NamedNode(GRAPH + "uno") not in set(store.engine.named_graphs())
    assert GRAPH + "uno" not in protected_graphs(store)


def test_the_hash_is_of_names_and_bytes(bundle: Bundle) -> None:
    seen = {bundle.release_hash()}
    path = bundle.graph / "reference/states.trig"
    text = path.read_text()
    path.write_text(text + "\n")
    seen.add(bundle.release_hash())
    path.write_text(text)
    assert bundle.release_hash() in seen
    path.rename(path.with_name("other.trig"))
    seen.add(bundle.release_hash())
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<x:a> <x:b> 1 .", "outside of every GRAPH"),
        ("<x:g> { <x:a> <x:b> [] }", "blank node"),
        ("<x:g> { _:b <x:b> 1 }", "blank node"),
        ("_:g { <x:a> <x:b> 1 }", "blank node"),
        (f"<{GRAPH}derived> {{ <x:a> <x:b> 1 }}", "reserved for Comity"),
        ("<x:g> {\n <x:a> }", r"states\.trig:2:"),
    ],
)
def test_a_bad_file_is_named_and_changes_nothing(
    store: EmbeddedStore, bundle: Bundle, text: str, message: str
) -> None:
    install(store, bundle)
    before, release = contents(store), installed_hash(store)
    (bundle.graph / "reference/states.trig").write_text(text)
    with pytest.raises(DataError, match=r"states\.trig.*" + message.removeprefix(r"states\.trig")):
        install(store, bundle)
    assert (contents(store), installed_hash(store)) == (before, release)


def test_missing_folders_are_an_empty_bundle(store: EmbeddedStore, tmp_path: Path) -> None:
    assert install(store, Bundle(tmp_path / "no", tmp_path / "none"))
    assert contents(store) == {}
    assert protected_graphs(store) == {GRAPH + n for n in ("bundle", "derived", "ontology")}


def test_nothing_is_protected_without_a_bundle(store: EmbeddedStore) -> None:
    assert protected_graphs(store) == frozenset()


def test_protected_graphs(store: EmbeddedStore, bundle: Bundle) -> None:
    install(store, bundle)
    names = {*BUNDLED, "states", "bundle", "derived"}
    assert protected_graphs(store) == {GRAPH + name for name in names}


def test_the_real_bundle_is_found_and_installed(tmp_path: Path) -> None:
    real = Bundle.installed()
    assert all(file.path.is_file() for file in real.files())
    store = open_embedded(tmp_path)
    assert installed_hash(store) == real.release_hash()
    version = store.version
    store.close()
    store = open_embedded(tmp_path)
    assert version.partition("-")[2] == "1"  # one commit
    assert store.version.partition("-")[2] == "0"  # and none the second time
    store.close()


def test_the_installed_store_has_no_triple_in_two_graphs() -> None:
    rule = queries_folder() / "checks" / "triple-in-two-graphs.rq"
    with closing(open_embedded("memory")) as store:
        rows = store.select(rule.read_text(encoding="utf-8"))
        assert isinstance(rows, QuerySolutions)
        assert list(rows) == []


OLD_STORE = f"""
PREFIX comity: <https://w3id.org/comity/ontology#> PREFIX graph: <{GRAPH}>
PREFIX id: <https://w3id.org/comity/id/> PREFIX void: <http://rdfs.org/ns/void#>
INSERT DATA {{
  # As a release left it that kept the hash of its bundle by a term of its own.
  GRAPH graph:bundle {{
    graph:bundle a void:Dataset ; comity:releaseHash "0" ; void:subset graph:ontology , graph:old-states .
    graph:ontology void:triples 1 . graph:old-states void:triples 1 .
    graph:derived void:triples 1 ; comity:rulesHash "0" .
  }}
  GRAPH graph:ontology {{ comity:Linkage a <http://www.w3.org/2002/07/owl#Class> }}
  GRAPH graph:old-states {{ id:atlantis a comity:State }}
  GRAPH graph:derived {{ id:atlantis comity:memberOf id:league }}
  GRAPH graph:mine {{
    id:c a comity:Linkage ; comity:linkageKind comity:condition .
    id:talks comity:formatIssue id:river ; comity:joint true .
  }}
  id:plan comity:proposalIssue id:river
}}"""


def test_a_store_of_an_older_release_is_renewed_and_says_what_was_renamed(
    store: EmbeddedStore,
) -> None:
    """Also one whose record stands by terms that are no more."""
    with store.writing() as engine:
        engine.update(OLD_STORE)
    assert install(store)
    assert installed_hash(store) == Bundle.installed().release_hash()
    kept = contents(store)
    assert kept["mine"] == 4 and "old-states" not in kept
    assert not any(store.engine.quads_for_pattern(None, NamedNode(OLD + "rulesHash"), None, None))

    found = {old.term.value.removeprefix(OLD): old for old in old_terms(store)}
    assert {name: old.triples for name, old in found.items()} == {
        "Linkage": 1,
        "linkageKind": 1,
        "formatIssue": 1,
        "proposalIssue": 1,
        "joint": 1,
    }
    assert found["joint"].successor is None and "several holders" in found["joint"].advice
    told = notice(list(found.values()))
    assert any("comity:Linkage is comity:PropositionalRelation now (1 triple)" in t for t in told)

    with store.writing() as engine:
        engine.update(renaming(list(found.values())))
    assert [old.term.value for old in old_terms(store)] == [OLD + "joint"]
    # Renamed, where they stood, and nothing else touched: least of all what is Comity's.
    assert contents(store) == kept
    mine = {str(quad.triple) for quad in store.engine.quads_for_pattern(None, None, None, MINE)}
    assert f"<{ID}c> <{TYPE}> <{OLD}PropositionalRelation>" in mine
    assert f"<{ID}c> <{OLD}relationKind> <{OLD}condition>" in mine
    assert f"<{ID}talks> <{OLD}about> <{ID}river>" in mine


def test_what_is_not_old_is_not_told_of(store: EmbeddedStore) -> None:
    install(store)
    assert old_terms(store) == [] and notice([]) == [] and renaming([]) == ""


def test_successors_are_terms_and_what_is_gone_is_not() -> None:
    """Every term of the list is gone, and every successor is there."""
    (renamed,) = Bundle.installed().ontology.glob("renamed.ttl")
    ontology = (Bundle.installed().ontology / "comity.ttl").read_text(encoding="utf-8")
    lines = [
        line for line in renamed.read_text(encoding="utf-8").splitlines() if "deprecated" in line
    ]
    assert len(lines) == 16
    for line in lines:
        gone, *new = re.findall(r"comity:\w+", line)
        assert f"\n{gone} a " not in ontology
        assert all(f"\n{term} a " in ontology for term in new), line
