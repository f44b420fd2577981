from typing import Any

from django import forms

INPUT_CLASSES: list[str]

class UnfoldAdminCheckboxSelectMultipleWidget(forms.CheckboxSelectMultiple):
    def __init__(self, attrs: dict[str, Any] | None = ..., choices: Any = ...) -> None: ...
