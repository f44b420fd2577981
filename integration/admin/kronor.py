"""A form field that people fill in kronor, for a table that holds öre."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from integration.money import kronor_to_ore, ore_to_kronor


class KronorField(forms.DecimalField):
    """Shows an integer of öre as kronor with two decimals and gives back öre; None for an empty field that need not be filled in."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminDecimalFieldWidget(attrs={"step": "0.01"})
        super().__init__(max_digits=14, decimal_places=2, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """What the page shows: öre from the table as kronor, what a person typed as it was typed."""
        return ore_to_kronor(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Öre. Raises ValidationError."""
        kronor = super().clean(value)
        return None if kronor is None else kronor_to_ore(kronor)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether what was typed is another amount than what is stored."""
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True
