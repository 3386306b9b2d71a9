"""What the commands share: the store's option, and the settings with the flags put in."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from comity.service.settings import Settings

StoreOption = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder of the store, or `memory`; else COMITY_STORE.",
    ),
]


def settings_with(**flags: Any) -> "Settings":
    """The settings of this process; flags beat the environment."""
    from comity.service.settings import read_settings

    return read_settings(**flags)
