"""What all pages of the admin have in common: read-only pages, search by what an operator has at hand, who may do what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin, TabularInline
from unfold.views import ChangeList

from integration.admin import columns
from integration.admin.labels import Column, labelled

BIGGEST_ID = 2**63 - 1


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the request's user holds `integration.<permission>`."""
    return request.user.has_perm(f"integration.{permission}")


def user_id(user: AbstractBaseUser | AnonymousUser) -> int | None:
    return user.pk


class HasColumns:
    """Finds the columns that `columns.shown` made for the page's model, by name, as if they were its methods."""

    def __getattr__(self, name: str) -> Any:
        model: Any = self.__dict__.get("model") or type(self).__dict__.get("model")
        column = columns.made.get((model, name))
        if column is None:
            raise AttributeError(name)
        return column


class List(ChangeList):
    """A list that offers to show all rows only when a search or a filter hides some."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class CapitalLabels:
    """Lists whose columns are named with a capital, also where a narrow screen shows the name beside each value."""

    def get_list_display(self, request: HttpRequest) -> Any:
        return labelled(super().get_list_display(request), self)  # type: ignore[misc]  # a mixin before ModelAdmin

    def get_list_display_links(self, request: HttpRequest, list_display: Sequence[Any]) -> list[Any]:
        links = super().get_list_display_links(request, list_display)  # type: ignore[misc]
        return [column for column in list_display if column in links or getattr(column, "__name__", "") in links]


class PortalAdmin(HasColumns, CapitalLabels, ModelAdmin):
    """The settings that every page shares, and search by whole ids, numbers or parts of names.

    Whole ids use their index, so that a search takes the same time in a small portal and in a large one.
    """

    list_per_page = 50
    show_full_result_count = False
    list_filter_sheet = True
    compressed_fields = True
    search_ids: Sequence[str] = ()
    search_numbers: Sequence[str] = ()
    search_parts: Sequence[str] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[List]:  # noqa: ARG002
        return List

    def get_search_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002
        return [*self.search_ids, *self.search_numbers, *self.search_parts]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:  # noqa: ARG002
        """Rows that match every word of the term."""
        for word in search_term.split():
            queryset = queryset.filter(self.matches(word))
        return queryset, False

    def matches(self, word: str) -> Q:
        """What it means that a row matches one word."""
        found = Q(pk__in=[])
        for name in self.search_ids:
            found |= Q(**{name: word})
        for name in self.search_parts:
            found |= Q(**{f"{name}__icontains": word})
        if word.isascii() and word.isdigit() and int(word) <= BIGGEST_ID:
            for name in self.search_numbers:
                found |= Q(**{name: int(word)})
        return found


class FoundByCustomer(PortalAdmin):
    """Rows of a debtor, found by a part of its name; never by the name of one with protected identity."""

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*super().get_search_fields(request), "debtor__name"]

    def matches(self, word: str) -> Q:
        return super().matches(word) | Q(debtor__name__icontains=word, debtor__protected_identity=False)


class ReadOnlyAdmin(PortalAdmin):
    """Rows that only the portal itself writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


class ReadOnlyRows(HasColumns, TabularInline):
    """Rows that belong to the page's object, to be read only; long lists are paged."""

    extra = 0
    max_num = 0
    per_page = 50
    can_delete = False
    hide_title = True
    columns: tuple[str, ...] = ()

    @cached_property
    def labelled_columns(self) -> list[Column]:
        return labelled(self.columns, self, linked=True)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Column]:  # type: ignore[override]  # noqa: ARG002
        return self.labelled_columns

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Column]:  # type: ignore[override]  # noqa: ARG002
        return self.labelled_columns

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False
