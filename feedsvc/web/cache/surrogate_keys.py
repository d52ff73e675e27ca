"""The header field by which a CDN knows what to purge after a commit: Surrogate-Key or Cache-Tag."""

from collections.abc import Mapping, Set
from typing import Final

from feedsvc import routes
from feedsvc.config import SURROGATE_FIELDS
from feedsvc.store.facets import Facet
from feedsvc.store.snapshot.surrogate_keys import keys_of

# These change with the version of feedsvc only.
_OF_SOFTWARE: Final = (routes.STATIC.prefix, routes.EMBED_SCRIPT.rule)


class SurrogateKeys:
    """The field `name` of responses; without a name there is none."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def fields(self, made_of: Set[Facet] | None) -> Mapping[str, str]:
        """Return the field of a response that is made of these facets; None stands for everything."""
        return {self._name: SURROGATE_FIELDS[self._name].join(keys_of(made_of))} if self._name else {}

    def fields_at(self, path: str) -> Mapping[str, str]:
        """Return the field of a response at `path` that is made of no document, such as a redirect or an error.

        Any commit may change it: another article may get the address.
        """
        return self.fields(frozenset() if path.startswith(_OF_SOFTWARE) else None)
