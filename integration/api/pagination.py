"""Cursor paging, newest first: a page's address stays right while rows are added."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from integration.commands.refusals import invalid


class NewestFirstPagination(CursorPagination):
    """`{"next", "previous", "results"}`, by the order in which the portal came to know the objects."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    page_size_query_description = "From 1; of more than 500, 500 are given"

    def get_page_size(self, request: Request) -> int | None:
        """Raises InvalidRequest where the REST framework would give a page of another size than was asked for."""
        given = request.query_params.get("page_size", "")
        if given and not (given.isascii() and given.isdecimal() and given.strip("0")):
            raise invalid("page_size", _("“%(value)s” is no size of a page: use a whole number from 1.") % {"value": given[:60]})
        return super().get_page_size(request)
