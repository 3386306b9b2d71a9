"""Reading RDF files: every format, told from name and content, and every way to be broken."""

import gzip
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from comity.graph.errors import DataError, TextPosition
from comity.graph.rdf.files import read_quads
from comity.graph.rdf.formats import holds_graphs, is_rdf_type, media_type_of_name

S, P, G = (NamedNode(f"http://example.org/{x}") for x in "spg")
XML = (
    '<?xml version="1.0"?>\n'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">'
    '<rdf:Description rdf:about="http://example.org/s"><e:p>é</e:p></rdf:Description></rdf:RDF>'
)
FILES = {
    "ttl": "@prefix e: <http://example.org/> . # a comment\ne:s e:p 'é' .",
    "nt": '<http://example.org/s> <http://example.org/p> "é" .\n',
    "n3": "@prefix e: <http://example.org/> . e:s e:p 'é' .",
    "rdf": XML,
    "jsonld": '{"@id": "http://example.org/s", "http://example.org/p": "é"}',
}
QUAD_FILES = {
    "trig": "PREFIX e: <http://example.org/>\nGRAPH e:g { e:s e:p 'é' }",
    "nq": '<http://example.org/s> <http://example.org/p> "é" <http://example.org/g> .\n',
}


@pytest.mark.parametrize("suffix", FILES)
@pytest.mark.parametrize("named", [True, False])
def test_triples_go_to_the_graph_that_is_named(tmp_path: Path, suffix: str, named: bool) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_text(FILES[suffix], "utf-8")
    expected = Quad(S, P, Literal("é"), G if named else DefaultGraph())
    assert list(read_quads(path, G if named else None)) == [expected]


@pytest.mark.parametrize("suffix", QUAD_FILES)
def test_quads_keep_their_graph(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_text(QUAD_FILES[suffix], "utf-8")
    quads = list(read_quads(str(path), NamedNode("http://example.org/other")))
    assert quads == [Quad(S, P, Literal("é"), G)]


@pytest.mark.parametrize("name", ["data", "data.txt", "data.gz", "data.rdf", "data.jsonld"])
@pytest.mark.parametrize("suffix", [*FILES, *QUAD_FILES])
@pytest.mark.parametrize("compressed", [True, False])
def test_content_beats_a_missing_or_wrong_name(
    tmp_path: Path, name: str, suffix: str, compressed: bool
) -> None:
    data = (FILES | QUAD_FILES)[suffix].encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if compressed else data)
    (quad,) = read_quads(path)
    assert (quad.subject, quad.object) == (S, Literal("é"))


@pytest.mark.parametrize(
    "text",
    [
        "[] a <http://example.org/c> .",
        "[ a <http://example.org/c> ] .",
        "( 1 ) <http://example.org/p> 1 .",
        "<http://example.org/s> <http://example.org/p> '{' .",
    ],
)
def test_turtle_is_not_taken_for_json_or_xml(tmp_path: Path, text: str) -> None:
    path = tmp_path / "noname"
    path.write_text(text)
    assert list(read_quads(path))


def test_two_files_do_not_share_blank_nodes(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text("_:b <http://example.org/p> _:b .\n")
    (first,), (second,) = read_quads(path), read_quads(path)
    assert isinstance(first.subject, BlankNode)
    assert first.subject == first.object
    assert first.subject != second.subject


def test_a_relative_iri_is_under_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("<x> <y> <z> .")
    (quad,) = read_quads(path)
    assert quad.subject == NamedNode((tmp_path / "x").as_uri())


LAUGHS = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "text",
    [
        XML.replace("\n", LAUGHS),
        XML.replace("\n", "<!-- " + "x" * 65_515 + " -->" + LAUGHS),
        XML.replace("\n", "<!-- " + "x" * 200_000 + " -->" + LAUGHS),
    ],
)
@pytest.mark.parametrize("name", ["a.rdf", "a.owl", "a", "a.ttl"])
def test_a_document_type_is_refused(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=r":\d+: a document type declaration"):
        list(read_quads(path))


def _nested(levels: int) -> str:
    """RDF/XML of so many things in one another: two elements for each, and the root."""
    start = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.example/">'
    inner = "<rdf:Description><e:p>" * levels + "</e:p></rdf:Description>" * levels
    return f"{start}{inner}</rdf:RDF>"


def test_deep_xml_is_refused(tmp_path: Path) -> None:
    """The parser's time grows with the square of the depth: hours, in which nobody could write."""
    path = tmp_path / "a.rdf"
    path.write_text(_nested(100_000))
    with pytest.raises(
        DataError, match=r"a\.rdf:1:\d+: elements nest deeper than 500 levels"
    ) as caught:
        list(read_quads(path))
    assert caught.value.place is not None


def test_xml_may_be_as_long_as_it_likes(tmp_path: Path) -> None:
    path = tmp_path / "a.rdf"
    side_by_side = _nested(240).replace(
        "</rdf:RDF>", "<rdf:Description><e:p/></rdf:Description>" * 600
    )
    path.write_text(side_by_side + "</rdf:RDF>")
    assert len(list(read_quads(path))) == 840


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_type_can_not_hide_in_utf_16(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.rdf"
    path.write_bytes(XML.replace("\n", LAUGHS).encode(encoding))
    with pytest.raises(DataError, match="UTF-16"):
        list(read_quads(path))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.ttl", b"<http://e/a> <http://e/b> 1 .\n<http://e/a> foo .", r"a\.ttl:2:14: .*foo"),
        ("a.ttl", b"<http://e/a> <http://e/b> '\xff' .", r"a\.ttl:1:\d+: .*UTF-8"),
        ("a.nt", b"<http://e/a> <http://e/b> <http://e/c>\n", r"a\.nt:2:1: "),
        ("a.rdf", XML.replace("</rdf:RDF>", "").encode(), r"a\.rdf:2:\d+: no element"),
        ("a.rdf", XML.replace("</e:p>", "</e:q>").encode(), r"a\.rdf:2:\d+: mismatched"),
        ("a.jsonld", b'{"@id": "http://e/a",\n "http://e/p": }', r"a\.jsonld:2:\d+: "),
        ("a.jsonld", b'{"@context": "http://127.0.0.1:1/c", "name": "x"}', "not fetched"),
        (
            "a.ttl.gz",
            gzip.compress(b"<http://e/a> <http://e/b> 1 .", mtime=0)[:-12],
            "decompressed",
        ),
        ("a.ttl.gz", b"\x1f\x8bnot gzip", "decompressed"),
        ("a.ttl", b"<http://e/a> <http://e/b> 'open\n", r"a\.ttl:1:27: Unexpected|Line"),
        ("a.ttl", "<http://e/a> <http://e/b> 1 .".encode("utf-16"), "UTF-16"),
        ("a.ttl", b"\n<!DOCTYPE html>\n<html></html>", "web page"),
        ("a", b"\xef\xbb\xbf<html><body>404</body></html>", "web page"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataError, match=message) as caught:
        list(read_quads(path))
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("data", [b"'\xff'", "'é'".encode("latin-1")])
def test_another_encoding_has_a_hint(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.ttl"
    path.write_bytes(b"<http://e/a> <http://e/b> " + data + b" .")
    with pytest.raises(DataError, match="UTF-8") as caught:
        list(read_quads(path))
    assert caught.value.hint == "Save it in UTF-8."


@pytest.mark.parametrize("name", ["a.ttl", "a.nt", "a.rdf", "a.jsonld", "a"])
def test_a_byte_order_mark_is_no_matter(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + FILES[name.partition(".")[2] or "ttl"].encode())
    assert list(read_quads(path, G)) == [Quad(S, P, Literal("é"), G)]


def test_messages_say_the_place_once(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("@prefix e: <http://e/> .\ne:a e:b 'open .\n")
    with pytest.raises(DataError) as caught:
        list(read_quads(path))
    assert str(caught.value).startswith(f"{path}:2:9: ")
    assert "Parser error" not in str(caught.value)


@pytest.mark.parametrize("address", ["ftp://e.example/a.ttl", "file:///a.ttl", "s3://b/a.ttl"])
def test_other_addresses_are_named(address: str) -> None:
    with pytest.raises(DataError, match="addresses can't be read") as caught:
        list(read_quads(address))
    assert str(caught.value).startswith(address)


def test_the_place_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("\n  nonsense .")
    with pytest.raises(DataError) as caught:
        list(read_quads(path))
    assert caught.value.place == TextPosition(2, 3)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        list(read_quads(tmp_path / "missing.ttl"))
    with pytest.raises(DataError, match="folder"):
        list(read_quads(tmp_path))


def test_progress_counts_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text(FILES["nt"] * 5000)
    seen: list[tuple[int, int | None]] = []
    list(read_quads(path, progress=lambda read, total: seen.append((read, total))))
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize(
    ("name", "media_type", "graphs"),
    [
        ("a.ttl", "text/turtle", False),
        ("a.TRIG.gz", "application/trig", True),
        ("a.nq", "application/n-quads", True),
        ("a.jsonld", "application/ld+json", True),
        ("a.owl", "application/rdf+xml", False),
    ],
)
def test_a_name_tells_the_media_type(name: str, media_type: str, graphs: bool) -> None:
    assert media_type_of_name(name) == media_type
    assert is_rdf_type(media_type)
    assert holds_graphs(media_type) == graphs


def test_other_names_and_types() -> None:
    assert media_type_of_name("a.txt") is None
    assert not is_rdf_type("text/csv")


class Handler(http.server.BaseHTTPRequestHandler):
    """A server of one Turtle document, of gzip, of a redirect, and of what breaks off."""

    def do_GET(self) -> None:
        body = FILES["ttl"].encode()
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/doc")
            body = b""
        elif self.path == "/packed.ttl.gz":
            self.send_response(200)
            body = gzip.compress(body)
        elif self.path in ("/doc", "/short"):
            self.send_response(200)
            self.send_header("Content-Type", "text/turtle; charset=utf-8")
        else:
            self.send_response(404)
        self.send_header("Content-Length", str(len(body) + 100 * (self.path == "/short")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/doc", "/away", "/packed.ttl.gz"])
def test_addresses(address: str, path: str) -> None:
    seen: list[tuple[int, int | None]] = []
    quads = list(read_quads(address + path, G, progress=lambda *now: seen.append(now)))
    assert quads == [Quad(S, P, Literal("é"), G)]
    assert seen[-1][0] == seen[-1][1]


def test_addresses_that_fail(address: str) -> None:
    with pytest.raises(DataError, match="404 Not Found"):
        list(read_quads(address + "/none"))
    with pytest.raises(DataError, match=r"/short: "):
        list(read_quads(address + "/short"))
    with pytest.raises(DataError, match=r"x\.ttl: [^\[]*refused"):
        list(read_quads("http://127.0.0.1:1/x.ttl"))
    for broken in ("http://", "http:///x.ttl"):
        with pytest.raises(DataError, match="not a web address"):
            list(read_quads(broken))
