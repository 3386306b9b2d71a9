"""How much is tested: all with `make test-all`, else what keeps `make test` short."""

import os
from typing import Final

EVERYTHING: Final = os.environ.get("COMITY_TEST_ALL") == "1"
