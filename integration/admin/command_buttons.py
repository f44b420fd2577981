"""How commands are reached from the lists and pages of what they work on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from integration.admin.base import PortalAdmin, may
from integration.admin.command_form import commands_for
from integration.admin.command_page import PERMISSION, confirm
from integration.commands.debt_collection import states_of_case
from integration.commands.table import Command
from integration.models import Invoice, Order, PortalConfiguration

Act = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse]


class SendsFromList(PortalAdmin):
    """A list with a button that leads to the page on which commands on its limetype are given."""

    limetype = ""
    actions_list = ("send_page",)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return may(request, PERMISSION)

    @action(description=_("Send to Billecta"), url_path="send", permissions=["send"], icon="send")
    def send_page(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        return HttpResponseRedirect(reverse("admin:give_command", args=[self.limetype]))


class HasCommands(SendsFromList):
    """Every command on a limetype: for the rows that are chosen in the list, and on a row's page in the states in which it makes sense."""

    change_form_outer_before_template = "admin/integration/command_panel.html"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        if may(request, PERMISSION):
            actions |= {command.id: (_act(command), command.id, command.title) for command in commands_for(self.limetype).values()}
        return actions

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Adds the panel with the commands that this user may give on the row as it stands."""
        row = self.get_object(request, object_id)
        offered = possible(self.limetype, row, request) if isinstance(row, Order | Invoice) else []
        panel = {"commands": offered, "limetype": self.limetype}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})


def possible(limetype: str, row: Order | Invoice, request: HttpRequest) -> list[Command]:
    """The commands that the user may give on this row in the states it is in; none on one that Lime does not have."""
    if row.lime_id is None or not may(request, PERMISSION):
        return []
    states = states_of(row)
    return [command for command in commands_for(limetype).values() if not command.offered_in or command.offered_in & states]


def states_of(row: Order | Invoice) -> frozenset[str]:
    """The states that `Command.offered_in` names: an order's status; an invoice's `Can…` flags, its stage and its running case's."""
    if isinstance(row, Order):
        return frozenset({row.status})
    allowed = {name for name, is_set in row.flags.items() if is_set}
    case = row.debt_collection_cases.filter(closed_at=None).first()
    return frozenset({row.stage, *allowed, *(states_of_case(is_paused=case.is_paused) if case else ())})


def _act(command: Command) -> Act:
    def act(_page: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        one_too_many = PortalConfiguration.current().filter_cap + 1
        in_lime = queryset.exclude(lime_id=None).order_by("lime_id")
        return confirm(request, command, in_lime.values_list("lime_id", flat=True)[:one_too_many])

    return act
