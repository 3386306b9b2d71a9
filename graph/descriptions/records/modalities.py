"""Modalities that tell a fact from what is only hoped, planned or claimed."""

from typing import Final

FACTUAL: Final = frozenset(("asserted", "presupposed"))
"""What a source says as fact."""
OWN_VOICE: Final = FACTUAL | {"evaluated"}
"""What a source says in its own voice, its judgements too."""
