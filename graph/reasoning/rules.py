"""Shortcut rules: one CONSTRUCT per file; its WHERE names the record that it rests on."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from comity.graph.catalogue.front_matter import read_folder
from comity.graph.errors import DataError
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY
from comity.graph.sparql.tokens import Token, TokenKind, tokens

_SILENT: Final = frozenset((TokenKind.SPACE, TokenKind.COMMENT))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `subject` and `object` are the variables of the one triple that it constructs.

    `where` is the pattern that must hold, `premises` its triples that support the conclusion,
    without filters, as the template of another CONSTRUCT.
    """

    name: str
    text: str
    prologue: str
    subject: ox.Variable
    object: ox.Variable
    where: str
    premises: str

    @property
    def shortcut(self) -> ox.NamedNode:
        """Shortcut that the rule derives; it has the name of the file."""
        return ox.NamedNode(COMITY + self.name)

    @property
    def forwards(self) -> str:
        """Query for the conclusions that are in no graph yet."""
        said = f"{self.subject} {self.shortcut} {self.object}"
        where = f"{self.where.rstrip()[:-1]} MINUS {{ {said} }} }}"
        return f"{self.prologue}CONSTRUCT {{ {said} }} WHERE {where}"

    @property
    def backwards(self) -> str:
        """Query for the premises of one conclusion, whose two terms are to be substituted."""
        return f"{self.prologue}CONSTRUCT {{ {self.premises} }} WHERE {self.where} LIMIT 1"


def rules_folder() -> Path:
    """Return the folder of the rules of this release."""
    return ontology_folder() / "rules"


def rule_files(ontology: Path) -> list[Path]:
    """Return the rule files in an ontology's folder, sorted by name."""
    return sorted((ontology / "rules").glob("*.rq"))


def rules_hash(files: list[Path]) -> str:
    """Hash rules by name and bytes (SHA-256, hexadecimal)."""
    digest = hashlib.sha256()
    for file in files:
        data = file.read_bytes()
        digest.update(f"\0{file.name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def read_rules(folder: Path | None = None) -> list[Rule]:
    """Read the rules of a folder, by default those of this release, sorted by name.

    Raises DataError for a rule that is not `CONSTRUCT { ?s comity:<file's name> ?o } WHERE { … }`.
    """
    return [_rule(file.name, file.text) for file in read_folder(folder or rules_folder())]


def _rule(name: str, text: str) -> Rule:
    parts = [token for token in tokens(text) if token.kind is not TokenKind.COMMENT]
    words = [token.text.upper() if token.kind is TokenKind.WORD else "" for token in parts]
    try:
        construct, where = words.index("CONSTRUCT"), words.index("WHERE")
        subject, said, object_ = _terms(parts[construct + 1 : where])
    except ValueError:
        raise _unfit(name) from None
    if said.text != f"comity:{name}" or {subject.kind, object_.kind} != {TokenKind.VARIABLE}:
        raise _unfit(name)
    return Rule(
        name,
        text,
        _joined(parts[:construct]),
        ox.Variable(subject.text[1:]),
        ox.Variable(object_.text[1:]),
        _joined(parts[where + 1 :]),
        " . ".join(_patterns(parts[where + 1 :])),
    )


def _terms(template: list[Token]) -> tuple[Token, Token, Token]:
    inside = [t for t in template if t.kind not in _SILENT and t.text not in ("{", "}", ".")]
    subject, said, object_ = inside
    return subject, said, object_


def _patterns(where: list[Token]) -> Iterator[str]:
    """Yield the triple patterns of a WHERE as written, in order, without filters, MINUS, VALUES."""
    parts = chain((token for token in where if token.kind is not TokenKind.SPACE), ())
    held: list[str] = []
    for token in parts:
        word = token.text.upper() if token.kind is TokenKind.WORD else ""
        if word in ("FILTER", "MINUS", "VALUES", "BIND"):
            _skip(parts)
        elif word == "GRAPH":
            next(parts)
        elif token.text in ("{", "}", ".") or word in ("OPTIONAL", "UNION"):
            if held:
                yield " ".join(held)
            held = []
            continue
        else:
            held.append(token.text)
            continue
        if held:
            yield " ".join(held)
        held = []


def _skip(parts: Iterator[Token]) -> None:
    """Skip a filter, MINUS, BIND or VALUES: to the end of its first outermost bracket."""
    depth = 0
    for token in parts:
        depth += (token.text in ("(", "{")) - (token.text in (")", "}"))
        if token.text in (")", "}") and depth == 0:
            return


def _joined(parts: list[Token]) -> str:
    return "".join(token.text for token in parts)


def _unfit(name: str) -> DataError:
    return DataError(
        f"the rule {name}.rq does not construct its shortcut",
        hint=f"Write CONSTRUCT {{ ?s comity:{name} ?o }} WHERE {{ … }}.",
    )
