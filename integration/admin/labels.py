"""Labels that begin with a capital wherever unfold shows them: as headings, and beside each value on a narrow screen.

Unfold writes a label as it is, Django's labels begin in lower case, and CSS cannot change the first letter of generated
text. So each column is handed over as a callable of the same name and behaviour with its label mended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.db import models
from django.utils.text import capfirst
from unfold.utils import display_for_field

from integration.presentation import formats
from integration.presentation.marks import link_to


class Column:
    """One column of a list or of an inline. Django's admin reads a callable's name, label and order from its attributes.

    With `linked`, a related row is shown as a link to its page.
    """

    do_not_call_in_templates = True

    def __init__(self, name: str, page: Any, *, linked: bool = False) -> None:
        label, method = label_for_field(name, page.model, model_admin=page, return_attr=True)
        self.page, self.linked = page, linked
        self.__name__ = name
        self.short_description = capfirst(label)
        self.admin_order_field = name if method is None else getattr(method, "admin_order_field", None)
        self.boolean = getattr(method, "boolean", False)

    def __str__(self) -> str:
        return self.__name__

    def __call__(self, row: Any) -> Any:
        field, _method, value = lookup_field(self.__name__, row, self.page)
        if isinstance(value, models.Model):
            return link_to(value) if self.linked else value
        return value if field is None else display_for_field(value, field, formats.ABSENT)


def labelled(names: Sequence[str], page: Any, *, linked: bool = False) -> list[Column]:
    """The columns of an admin page or inline, in order."""
    return [Column(name, page, linked=linked) for name in names]
