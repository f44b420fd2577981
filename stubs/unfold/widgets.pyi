from typing import Any

from django import forms

INPUT_CLASSES: list[str]

class UnfoldAdminCheckboxSelectMultipleWidget(forms.CheckboxSelectMultiple):
    def __init__(self, attrs: dict[str, Any] | None = ..., choices: Any = ...) -> None: ...

class UnfoldAdminTextInputWidget(forms.TextInput):
    def __init__(self, attrs: dict[str, Any] | None = ...) -> None: ...

class UnfoldAdminTextareaWidget(forms.Textarea):
    def __init__(self, attrs: dict[str, Any] | None = ...) -> None: ...

class UnfoldAdminIntegerFieldWidget(forms.NumberInput):
    def __init__(self, attrs: dict[str, Any] | None = ...) -> None: ...

class UnfoldAdminDecimalFieldWidget(forms.NumberInput):
    def __init__(self, attrs: dict[str, Any] | None = ...) -> None: ...

class UnfoldAdminSelectWidget(forms.Select):
    def __init__(self, attrs: dict[str, Any] | None = ..., choices: Any = ...) -> None: ...

class UnfoldBooleanWidget(forms.CheckboxInput):
    def __init__(self, attrs: dict[str, Any] | None = ..., check_test: Any = ...) -> None: ...
