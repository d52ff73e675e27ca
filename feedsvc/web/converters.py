"""How a tag or a person is named in a page's path. Any text may be one."""

from werkzeug.routing import BaseConverter


class NameConverter(BaseConverter):
    """The rest of the path with its slashes; werkzeug's own converter accepts no slash at the beginning."""

    regex = ".+"
    part_isolating = False
