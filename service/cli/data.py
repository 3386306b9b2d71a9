"""The commands that load, write, back up, check and explain data."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from comity.graph.errors import UsageError
from comity.graph.store.interface import LISTED, MOST_LISTED
from comity.service.cli.options import StoreOption, settings_with
from comity.service.cli.terminal.console import put, say


class DumpChoice(StrEnum):
    """Formats of `comity dump`."""

    TRIG = "trig"
    NQ = "nq"
    TTL = "ttl"


class CheckFormat(StrEnum):
    """Output formats of `comity check`."""

    TABLE = "table"
    JSON = "json"


LimitOption = Annotated[
    int,
    typer.Option(
        "--limit", min=1, max=MOST_LISTED, help="Derivations of a triple to show; all are counted."
    ),
]


class WhyFormat(StrEnum):
    """Output formats of `comity reason` and `comity why`."""

    TREE = "tree"
    JSON = "json"


def load(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH...", help="RDF files, folders of them, or addresses."),
    ] = None,
    graph: Annotated[
        str | None, typer.Option(metavar="IRI", help="Graph for triples outside of named graphs.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="First empty the graphs that are loaded into.")
    ] = False,
    bundled: Annotated[
        bool,
        typer.Option("--bundled", help="Install this release's bundled graphs in a remote store."),
    ] = False,
    store: StoreOption = None,
) -> None:
    """Load RDF files into the store: all of them, or none if one is invalid.

    \b
    Examples:
      comity load votes.ttl --graph https://example.org/votes
      comity load --replace data/
      COMITY_STORE_UPDATE=http://db:7878/update comity load --bundled --store http://db:7878/query
    """
    from comity.service.cli.actions.load_dump import load_files

    if not paths and not bundled:
        raise UsageError("nothing to load", hint="Give files, folders or addresses.")
    load_files(paths or [], graph, replace, bundled, settings_with(store=store))


def dump(
    format: Annotated[
        DumpChoice, typer.Option("--format", "-f", help="Format to write.")
    ] = DumpChoice.TRIG,
    graph: Annotated[str | None, typer.Option(metavar="IRI", help="Only this graph.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="File to write; replaced only when complete."
        ),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Write the contents of the store.

    \b
    Examples:
      comity dump > all.trig
      comity dump -f nq -o all.nq
      comity dump -f ttl --graph https://w3id.org/comity/graph/ontology
    """
    from comity.service.cli.actions.load_dump import dump_store

    dump_store(format.value, graph, output, settings_with(store=store))


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FOLDER|FILE.tar.gz", help="Where to write the backup.")
    ],
    store: StoreOption = None,
) -> None:
    """Write a backup of the store, even while it is served (needs COMITY_TOKEN).

    \b
    Examples:
      comity backup monday.tar.gz
      comity backup backups/monday --store my-store
    """
    from comity.service.cli.actions.backup import back_up

    back_up(target, settings_with(store=store))


def restore(
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER|FILE.tar.gz", help="The backup to restore.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace existing data in the store.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Restore a backup into the store, all or nothing; not while it is served.

    \b
    Examples:
      comity restore monday.tar.gz --store my-store
      comity restore monday.tar.gz --replace
    """
    from comity.service.cli.actions.backup import restore

    restore(source, settings_with(store=store), replace=replace)


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILES...", help="Further files to check.")
    ] = None,
    format: Annotated[
        CheckFormat, typer.Option("--format", "-f", help="How to show the findings.")
    ] = CheckFormat.TABLE,
) -> None:
    """Check the graph: syntax, hygiene, logic, shapes, quotations. Exits 1 if any check fails.

    \b
    Examples:
      comity check
      comity check my-source.trig --format json
    """
    from comity.service.cli.actions.check import check_files

    if check_files(files or [], format.value):
        raise typer.Exit(1)


def reason(
    why: Annotated[
        tuple[str, str, str] | None,
        typer.Option(
            metavar="SUBJECT PREDICATE OBJECT",
            help="Explain a triple, down to the words of the sources.",
        ),
    ] = None,
    format: Annotated[
        WhyFormat, typer.Option("--format", "-f", help="How to show a derivation.")
    ] = WhyFormat.TREE,
    limit: LimitOption = LISTED,
    store: StoreOption = None,
) -> None:
    """Rebuild the derived facts of the store, or explain one.

    \b
    Examples:
      comity reason
      comity reason --why russia memberOf astana-format
      comity reason --why id:zarif-visit-to-moscow-2021-01 a comity:Event --format json
    """
    from comity.service.cli.actions.reason import derive_anew, explain

    if why is None:
        derive_anew(settings_with(store=store))
    else:
        explain(why, limit, format.value, settings_with(store=store))


def why(
    triple: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SUBJECT PREDICATE OBJECT",
            help="A triple: slugs, prefixed names, IRIs, or literals in quotes.",
        ),
    ] = None,
    record: Annotated[
        str | None, typer.Option("--record", metavar="IRI", help="A record, or just #f24.3.")
    ] = None,
    edge: Annotated[
        str | None,
        typer.Option("--edge", metavar="ID", help="An edge of a network view, by its identifier."),
    ] = None,
    view: Annotated[
        str | None,
        typer.Option(
            "--view", metavar="NAME", help="The view with the edge; else all are searched."
        ),
    ] = None,
    format: Annotated[
        WhyFormat, typer.Option("--format", "-f", help="How to show the evidence.")
    ] = WhyFormat.TREE,
    limit: LimitOption = LISTED,
    store: StoreOption = None,
) -> None:
    """Show the evidence of a triple, a record or an edge, down to the words of the sources.

    \b
    Examples:
      comity why russia memberOf astana-format
      comity why --record '#f39.1'
      comity why --edge rel_5b3c1d2e4f60 --view actors --format json
    """
    from comity.graph.errors import UsageError
    from comity.service.cli.actions.reason import answer

    if sum(each is not None for each in (triple, record, edge)) != 1 or (view and not edge):
        raise UsageError(
            "give a triple, --record or --edge", hint="comity why russia memberOf astana-format"
        )
    if triple is not None and len(triple) != 3:
        raise UsageError(
            "a triple has three terms", hint="comity why russia memberOf astana-format"
        )
    given = {"record": record, "edge": edge, "view": view}
    question = dict(zip("spo", triple, strict=True)) if triple is not None else {}
    question |= {name: value for name, value in given.items() if value is not None}
    question["limit"] = str(limit)
    answer(question, format.value, settings_with(store=store))


def list_sources() -> None:
    """List the bundled sources, and whether their texts are attached.

    \b
    Examples:
      comity source list
    """
    from comity.graph.descriptions.sources.texts import load_source, names, text_path

    for source in map(load_source, names()):
        text = "text attached" if text_path(source.name).is_file() else "no text"
        put(f"{source.name}\t{source.published}\t{text}\t{source.label}")


def attach_text(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the source.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Its text, unchanged.")],
) -> None:
    """Attach the text of a source, to check its quotations.

    \b
    Examples:
      comity source attach moscow-tehran-relations article.txt
    """
    from comity.graph.descriptions.sources.texts import attach

    report = attach(name, file)
    say(
        f"{file} is the text of {report.source.name}: {report.quotations} quotations and "
        f"{report.mentions} mentions agree; a copy is kept at {report.text}"
    )


def quote_source(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the source.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Its text, unchanged.")],
) -> None:
    """Recompute the offsets of a source's quotations after editing them.

    \b
    Examples:
      comity source quote moscow-tehran-relations article.txt
    """
    from comity.graph.descriptions.sources.texts import quote

    say(f"wrote {quote(name, file)}")
