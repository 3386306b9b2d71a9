"""Text with the characters that every format can hold."""

import re
from typing import Final

# Besides line feed and tab: XML 1.0 can't hold them (2.2), a NUL ends a text in C, and readers of
# tables stumble over the rest.
_UNHOLDABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def holdable(text: str) -> str:
    """The text with what can't be held as U+FFFD, and line feeds alone to end its lines."""
    if text.isascii() and text.isprintable():
        return text
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNHOLDABLE.sub("\N{REPLACEMENT CHARACTER}", plain)
