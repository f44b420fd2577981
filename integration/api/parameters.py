"""Query parameters: one that an address does not take is refused, since a misspelt filter would show, or send, more than was meant."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from integration.commands.refusals import InvalidRequest, invalid

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"", "0", "false", "no", "off"})


class KnownParameters(APIView):
    """A view that takes the query parameters named in `query_parameters` and no others."""

    query_parameters: ClassVar[tuple[str, ...]] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises what the REST framework raises for callers who may not ask, then InvalidRequest that names each stranger."""
        super().initial(request, *args, **kwargs)
        known = self.known_parameters()
        strangers = [name for name in request.query_params if name not in known]
        if strangers:
            raise InvalidRequest({name: [_stranger(name, known)] for name in strangers})

    def known_parameters(self) -> Collection[str]:
        """The names of all query parameters that this request may have."""
        return self.query_parameters


def switch(request: Request, name: str) -> bool:
    """A query parameter that is true or false; false when it is not there. Raises InvalidRequest."""
    value = request.query_params.get(name, "").lower()
    if value not in TRUE | FALSE:
        raise invalid(name, _("“%(value)s” is neither true nor false.") % {"value": value[:60]})
    return value in TRUE


def _stranger(name: str, known: Collection[str]) -> str:
    if not known:
        return _("“%(name)s” is not a parameter of this address, which takes none.") % {"name": name[:60]}
    return _("“%(name)s” is not a parameter of this address, which takes: %(known)s.") % {
        "name": name[:60],
        "known": ", ".join(sorted(known)),
    }
