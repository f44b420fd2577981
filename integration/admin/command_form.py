"""What a person fills in to give a command: which one, for which Lime ids, with which of the options that its schema names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from integration.commands.batches import Asker, checked
from integration.commands.refusals import InvalidRequest
from integration.commands.selection import CommandRequest, read_request
from integration.commands.table import Command, table
from integration.models import Creditor

Schema = Mapping[str, Any]
BETWEEN_IDS = re.compile(r"[\s,;]+")
LONGEST_NUMBER = 19
PER_CREDITOR = ("article", "debtor")


def commands_for(limetype: str) -> dict[str, Command]:
    """The commands on a limetype that the form can ask for, by id: those without a required option that it has no field for."""
    return {command.id: command for command in table.values() if command.limetype == limetype and _can_be_asked_for(command)}


class CommandForm(forms.Form):
    """One request of a person, on ids or on everything, read and checked by the services that read and check the API's.

    Valid, it holds `command_row` and `command_request`. Options are fields of their own for each command, so that a page
    can show those of the chosen one.
    """

    command = forms.ChoiceField(label=_("Command"), widget=forms.RadioSelect)
    ids = forms.CharField(
        label=_("Lime ids"),
        required=False,  # asked for in `_chooses`, of the commands that need objects
        help_text=_("Separated by comma, space or new line."),
        error_messages={"required": _("Give at least one Lime id, for example 1001.")},
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )

    everything = forms.BooleanField(
        label=_("All there are in Lime"), required=False, help_text=_("Instead of ids."), widget=UnfoldBooleanWidget()
    )

    def __init__(self, data: Any = None, *, limetype: str, asker: Asker, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.asker, self.commands = asker, commands_for(limetype)
        choices = [(command.id, command.title) for command in self.commands.values()]
        self.fields["command"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["command"].initial = choices[0][0]
        wanted = str((data or {}).get("command", ""))
        for command in self.commands.values():
            for name, schema in _options(command):
                field = _field(schema)
                field.required = field.required and command.id == wanted  # what another command needs is not asked for
                self.fields[option_field(command, name)] = field
        self.command_row: Command | None = None
        self.command_request = CommandRequest()

    def clean_ids(self) -> list[int | str]:
        return read_ids(self.cleaned_data["ids"])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        command = self.commands.get(given.get("command", ""))
        if command is None or self.errors or not self._chooses(command, given):
            return given
        try:
            body = {**_which(command, given), "options": self._given_options(command)}
            self.command_request = checked(command, read_request(command, body), self.asker)
            self.command_row = command
        except InvalidRequest as refusal:
            for name, texts in refusal.fields.items():
                self.add_error(self._field_of(command, name), list(texts))
        return given

    def options_of(self, command: Command) -> list[forms.BoundField]:
        return [self[option_field(command, name)] for name, _schema in _options(command)]

    @property
    def option_groups(self) -> list[tuple[Command, list[forms.BoundField]]]:
        """Each command that takes options, with its fields."""
        return [(command, fields) for command in self.commands.values() if (fields := self.options_of(command))]

    @property
    def takes_everything(self) -> bool:
        """Whether every object in Lime is asked for."""
        return self.command_request.selection is not None

    @property
    def chosen(self) -> str:
        """The id of the command that is chosen when the page opens."""
        return str(self["command"].value() or "")

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The names and values that ask for the same once more."""
        if self.command_row is None:
            return []
        options = [(field.html_name, str(field.value())) for field in self.options_of(self.command_row) if field.value()]
        which = ("everything", "on") if self.takes_everything else ("ids", " ".join(map(str, self.command_request.ids)))
        return [("command", self.command_row.id), which, *options]

    @property
    def given_options(self) -> list[tuple[str, str]]:
        """Labels and values of what was filled in beside the ids."""
        return [(str(field.label), str(field.value())) for field in self.options_of(self.command_row)] if self.command_row else []

    def _chooses(self, command: Command, given: Mapping[str, Any]) -> bool:
        """Whether objects are chosen, in one way, where the command needs them; else the error is told at the ids."""
        if not command.needs_selection:
            return True
        if given["everything"] and given["ids"]:
            self.add_error("ids", gettext("Give ids or choose all, not both."))
        elif not given["everything"] and not given["ids"]:
            self.add_error("ids", self.fields["ids"].error_messages["required"])
        return not self.errors

    def _given_options(self, command: Command) -> dict[str, Any]:
        named = {name: self.cleaned_data.get(option_field(command, name)) for name, _schema in _options(command)}
        return {name: value for name, value in named.items() if value is not None and value != ""}

    def _field_of(self, command: Command, name: str) -> str | None:
        """The field that an error of the service is about; None for the form as a whole."""
        if name == "filter":
            return "everything"
        field = option_field(command, name.removeprefix("options.")) if name.startswith("options.") else name
        return field if field in self.fields else None


def _which(command: Command, given: Mapping[str, Any]) -> dict[str, Any]:
    if not command.needs_selection:
        return {}
    if given["everything"]:
        return {"context": {"limetype": command.limetype}, "filter": None, "confirm_all": True}
    return {"ids": given["ids"]}


def option_field(command: Command, name: str) -> str:
    return f"{command.id}.{name}"


def read_ids(text: str) -> list[int | str]:
    """The ids in a text, in order; what is no number is left as it was written, for the error to name."""
    words = [word for word in BETWEEN_IDS.split(text.strip()) if word]
    return [int(word) if word.isascii() and word.isdigit() and len(word) <= LONGEST_NUMBER else word for word in words]


def _can_be_asked_for(command: Command) -> bool:
    properties = command.options_schema.get("properties", {})
    required = command.options_schema.get("required", ())
    return all(_maker(properties[name]) is not None for name in required)


def _options(command: Command) -> Iterator[tuple[str, Schema]]:
    """The options that a field can hold, with their schemas; lists and objects are left to the API."""
    for name, schema in command.options_schema.get("properties", {}).items():
        if _maker(schema) is not None:
            yield name, {"title": name, **schema, "required": name in command.options_schema.get("required", ())}
    if command.limetype in PER_CREDITOR:
        yield "creditor", {"title": _("Creditor"), "creditor": True, "required": False}


def _field(schema: Schema) -> forms.Field:
    maker = _maker(schema)
    if maker is None:
        raise ValueError(schema)
    field = maker(schema)
    field.label, field.required = gettext(str(schema["title"])), bool(schema["required"])
    return field


def _maker(schema: Schema) -> Callable[[Schema], forms.Field] | None:
    if schema.get("creditor"):
        return _creditor
    if "enum" in schema:
        return _choice
    kinds = schema.get("type")
    return _MAKERS.get(str(kinds[0] if isinstance(kinds, list) else kinds))


def _text(schema: Schema) -> forms.Field:
    kind = {"date": "date"}.get(str(schema.get("format")), "text")
    return forms.CharField(widget=UnfoldAdminTextInputWidget(attrs={"type": kind}))


def _choice(schema: Schema) -> forms.Field:
    return forms.ChoiceField(choices=[("", "–"), *((value, str(value)) for value in schema["enum"])], widget=UnfoldAdminSelectWidget())


def _creditor(_schema: Schema) -> forms.Field:
    rows = Creditor.objects.order_by("name").values_list("billecta_id", "name")
    return forms.ChoiceField(choices=[("", _("Every creditor that it is linked to")), *rows], widget=UnfoldAdminSelectWidget())


def _integer(_schema: Schema) -> forms.Field:
    return forms.IntegerField(widget=UnfoldAdminIntegerFieldWidget())


def _number(_schema: Schema) -> forms.Field:
    return forms.FloatField(widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any"}))


def _yes_or_no(_schema: Schema) -> forms.Field:
    """Neither is an answer too: what is not said is left to what was agreed on."""
    choices = [("", "–"), ("yes", _("Yes")), ("no", _("No"))]
    return forms.TypedChoiceField(choices=choices, coerce=lambda value: value == "yes", empty_value=None, widget=UnfoldAdminSelectWidget())


_MAKERS: Mapping[str, Callable[[Schema], forms.Field]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _yes_or_no,
}
