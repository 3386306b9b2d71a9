"""A tiny store with what is derived, which pages and descriptions read."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from deriving import load_and_derive
from places import DATA

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded


@pytest.fixture(scope="session")
def store() -> Iterator[EmbeddedStore]:
    with closing(open_embedded("memory", bundled=False)) as store:
        load_and_derive(store, DATA / "tiny.trig")
        yield store
