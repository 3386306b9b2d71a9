"""Where things are: the checkout, the data of the tests, the command, the data that are not ours."""

import os
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DATA: Final = ROOT / "tests" / "data"
READERS: Final = ROOT / "tests" / "readers"
COMITY: Final = Path(sys.executable).with_name("comity")
OUTSIDE: Final = Path(os.environ.get("COMITY_TEST_DATA", ROOT.parent / "shared")).absolute()
"""What the repository does not contain: the article, the W3C suites, schemas."""
ARTICLE_TEXT: Final = OUTSIDE / "article" / "moscow-tehran-relations.txt"
