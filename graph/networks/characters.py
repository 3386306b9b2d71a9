"""Characters that every file format can hold."""

import re
from typing import Final

# Besides line feed and tab: XML 1.0 does not allow them (2.2), a NUL ends a C string, and readers
# of tables fail on the rest.
_UNHOLDABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def holdable(text: str) -> str:
    """Replace characters that some format can't hold by U+FFFD, and line ends by line feeds."""
    if text.isascii() and text.isprintable():
        return text
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNHOLDABLE.sub("\N{REPLACEMENT CHARACTER}", plain)
