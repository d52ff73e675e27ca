"""How a tag or a person is named in a page's path. Any text may be one."""

from werkzeug.routing import BaseConverter


class NameConverter(BaseConverter):
    """The rest of the path, whatever slashes stand in it: werkzeug's own converter takes none at the beginning."""

    regex = ".+"
    part_isolating = False
