"""Cursor paging, newest first: a page's address stays right while rows are added."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class NewestFirstPagination(CursorPagination):
    """`{"next", "previous", "results"}`, by the order in which the portal came to know the objects."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
