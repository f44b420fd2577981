from collections.abc import Sequence
from typing import Any

from django.contrib import admin

class ModelAdmin(admin.ModelAdmin[Any]):
    list_fullwidth: bool
    list_filter_sheet: bool
    list_before_template: str | None
    change_form_outer_before_template: str | None
    change_form_outer_after_template: str | None
    compressed_fields: bool
    warn_unsaved_form: bool
    def get_custom_urls(self) -> Sequence[tuple[str, str, Any]]: ...

class TabularInline(admin.TabularInline[Any, Any]):
    tab: bool
    hide_title: bool
    per_page: int | None
    collapsible: bool

class StackedInline(admin.StackedInline[Any, Any]):
    tab: bool
    hide_title: bool
    per_page: int | None
    collapsible: bool
