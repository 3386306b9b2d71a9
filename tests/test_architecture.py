"""The house: rooms that can be taken in at a glance, two levels deep, and one name for one class.

The layers themselves are contracts of import-linter in pyproject.toml, which `make lint` holds.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST = 13  # about twelve
# The library is entered from the top: its packages by layer, and what all of them use.
LARGER = {"graph": 15}


def packages(room: str) -> list[Path]:
    found = [file.parent for file in (ROOT / room).rglob("__init__.py")]
    return [folder for folder in found if "node_modules" not in folder.parts]


def modules() -> Iterator[Path]:
    for room in ("graph", "service"):
        for folder in packages(room):
            yield from folder.glob("*.py")


@pytest.mark.parametrize("room", ["graph", "service"])
def test_a_room_is_seen_at_a_glance(room: str) -> None:
    folders = packages(room)
    assert len(folders) > 10
    for folder in folders:
        inside = {path for path in folder.glob("*.py") if path.name != "__init__.py"}
        inside |= {below for below in folders if below.parent == folder}
        name = folder.relative_to(ROOT).as_posix()
        assert len(inside) <= LARGER.get(name, MOST), name


@pytest.mark.parametrize("room", ["graph", "service"])
def test_packages_are_at_most_two_levels_deep(room: str) -> None:
    deep = [f for f in packages(room) if len(f.relative_to(ROOT / room).parts) > 2]
    assert deep == []


def test_no_class_name_stands_twice() -> None:
    names = Counter(
        node.name
        for module in modules()
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert len(names) > 100
    assert {name for name, count in names.items() if count > 1} == set()
