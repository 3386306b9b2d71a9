"""Modalities that separate facts from what is only hoped, planned or claimed."""

from typing import Final

FACTUAL: Final = frozenset(("asserted", "presupposed"))
"""Modalities of facts."""
OWN_VOICE: Final = FACTUAL | {"evaluated"}
"""Modalities of statements in the source's own voice, including its judgements."""
