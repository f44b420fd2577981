"""What other systems fetch and ask for, at the documented paths of Lime's own package: an invoice's PDF, and payment by Swish.

The callers wait, so Billecta is asked within the request: 15 s in all.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from integration.api.authentication import actor_of, creditors_of, key_of
from integration.api.errors import error_body
from integration.api.fields import OreField
from integration.api.naming import named
from integration.api.openapi import THIRD_PARTIES
from integration.api.parameters import KnownParameters
from integration.api.visibility import limited
from integration.commands.refusals import ObjectNotVisible
from integration.commands.swish_at_once import SECONDS, request_payment
from integration.commands.swish_requests import check_request
from integration.errors import GuardRefused, KvittensError, RemoteNotFound, RemoteRejected
from integration.http.deadline import within
from integration.models import ApiKey, Invoice, SwishRequest
from integration.sync import swish
from integration.sync.in_time import in_time
from integration.sync.invoice_pdf import fetch_pdf
from integration.sync.invoices import fetch_and_store
from integration.sync.systems import billecta
from integration.validations.formats import swish_number

THIRD_PARTY = (ApiKey.Scope.THIRD_PARTY,)
LONGEST_ID = 64
PDF = "application/pdf"
SEES_PROTECTED = "integration.view_protected_debtor"
RETRY = {"Retry-After": "5"}


class WhateverIsAccepted(BaseContentNegotiation):
    """Answers in the one form that there is, also to a caller who says that it accepts only PDF."""

    def select_parser(self, request: Request, parsers: Any) -> Any:  # noqa: ARG002  DRF's signature
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[BaseRenderer, str]:  # noqa: ARG002
        return renderers[0], renderers[0].media_type


class ThirdPartyView(KnownParameters):
    """What the addresses share."""

    read_scopes = THIRD_PARTY
    write_scopes = THIRD_PARTY
    read_permission = "integration.view_invoice"
    write_permission = "integration.add_batch"
    content_negotiation_class = WhateverIsAccepted

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What is Billecta's fault may pass: every 502 says when to try again."""
        if response.status_code == 502 and "Retry-After" not in response:
            response["Retry-After"] = RETRY["Retry-After"]
        return super().finalize_response(request, response, *args, **kwargs)


class InvoicePdfView(ThirdPartyView):
    """The PDF of an invoice."""

    @extend_schema(
        operation_id="invoice_pdf",
        parameters=[OpenApiParameter("lime_invoice_id", int, OpenApiParameter.PATH, description="The invoice's id in Lime")],
        responses={(200, PDF): OpenApiTypes.BINARY},
        tags=[THIRD_PARTIES],
    )
    def get(self, request: Request, lime_invoice_id: str) -> HttpResponse:
        """Fetch an invoice's PDF from Billecta. 404 also for a draft, which has none yet.

        So it is for a person signed in who may not see debtors with protected identity, when the invoice's debtor is one.
        """
        unseen = ObjectNotVisible(what=_("The PDF of invoice “%(id)s”") % {"id": lime_invoice_id[:LONGEST_ID]})
        if not (lime_invoice_id.isascii() and lime_invoice_id.isdecimal() and len(lime_invoice_id) < 19):
            raise unseen
        lime_id, creditors, sees_protected = int(lime_invoice_id), creditors_of(request), _sees_protected(request)
        try:
            pdf = in_time(SECONDS, lambda: fetch_pdf(lime_id, creditors, sees_protected=sees_protected))
        except RemoteNotFound:
            raise unseen from None
        answer = HttpResponse(pdf.content, content_type=PDF)
        answer["Content-Disposition"] = f'inline; filename="{pdf.filename}"'
        answer["Cache-Control"] = "private, no-store"
        return answer


class SwishStatusSerializer(serializers.ModelSerializer[SwishRequest]):
    """What became of a Swish request, in Billecta's words."""

    requestid = serializers.CharField(source="request_id", read_only=True)
    amount = OreField("amount_ore")
    paid_date = serializers.DateTimeField(source="paid_at", read_only=True)
    error_code = serializers.SerializerMethodField()
    error_message = serializers.SerializerMethodField()

    class Meta:
        model = SwishRequest
        fields = ("requestid", "status", "amount", "currency", "paid_date", "error_code", "error_message")

    def get_error_code(self, row: SwishRequest) -> str | None:
        return row.error_code or None

    def get_error_message(self, row: SwishRequest) -> str | None:
        return row.error_message or None


class SwishRequestedSerializer(serializers.Serializer[Any]):
    """The id under which the request can be followed."""

    requestid = serializers.CharField()


class SwishView(ThirdPartyView):
    """Requests for payment by Swish: POST names an invoice, GET a request."""

    def known_parameters(self) -> tuple[str, ...]:
        """Only POST takes any."""
        return ("phone", "message") if self.request.method == "POST" else ()

    @extend_schema(
        operation_id="swish_request",
        request=None,
        parameters=[
            OpenApiParameter("id", str, OpenApiParameter.PATH, description="The invoice: Billecta public id or lime:<id>"),
            OpenApiParameter(
                "phone", str, required=True, description="Swedish mobile number with country code, as 46701234567; at most 20 characters"
            ),
            OpenApiParameter("message", str, required=True, description="What the payer reads; at most 50 characters"),
        ],
        responses={201: SwishRequestedSerializer},
        tags=[THIRD_PARTIES],
    )
    def post(self, request: Request, id: str) -> Response:  # noqa: A002  the name in the path
        """Ask a phone to pay what is left of an invoice.

        The same phone and message for the same invoice within a minute, while the first is unanswered, give the same request.
        400 says what is wrong with phone or message, or why the invoice cannot be paid. After a 502 it may have been sent:
        ask for the same again, which never sends a second one as long as that is not known.
        """
        given = {name: request.query_params[name] for name in ("phone", "message") if name in request.query_params}
        check_request(given)
        try:
            with within(SECONDS):
                invoice = in_time(SECONDS, lambda: _invoice(request, id))
                made = request_payment(invoice, swish_number(given["phone"]), given["message"].strip(), actor=actor_of(request))
        except (GuardRefused, RemoteRejected) as refused:
            return Response(error_body(request, refused.code, _said(refused)), status=400)
        return Response({"requestid": made.request_id}, status=201)

    @extend_schema(
        operation_id="swish_status",
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH, description="The request's id, from the answer to POST")],
        responses={200: SwishStatusSerializer},
        tags=[THIRD_PARTIES],
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002  the name in the path
        """Ask Billecta what became of a Swish request."""
        rows = limited(SwishRequest.objects.select_related("invoice__creditor"), request, "invoice__creditor__billecta_id")
        row = rows.filter(request_id=id).first() if "\0" not in id else None
        if row is None:
            raise ObjectNotVisible(what=_("Swish request “%(id)s”") % {"id": id[:LONGEST_ID]})
        return Response(SwishStatusSerializer(in_time(SECONDS, lambda: swish.refresh(row))).data)


def _sees_protected(request: Request) -> bool:
    """Whether the caller may see debtors with protected identity: every key, and people with the permission for it."""
    return key_of(request) is not None or request.user.has_perm(SEES_PROTECTED)


def _said(refused: KvittensError) -> str:
    return f"{refused.message} {refused.remedy}".strip()


def _invoice(request: Request, name: str) -> Invoice:
    """The invoice that a caller names and may see; one that is new to the portal is fetched. Raises ObjectNotVisible."""
    unseen = ObjectNotVisible(what=_("Invoice “%(id)s”") % {"id": name[:LONGEST_ID]})
    known = Invoice.objects.filter(named(name)).select_related("creditor").first()
    creditors = creditors_of(request)
    if known is None:
        known = _fetched(name, creditors) if _may_be_an_action(name) else None
    if known is None or (creditors and known.creditor.billecta_id not in creditors):
        raise unseen
    return known


def _may_be_an_action(name: str) -> bool:
    return name.isascii() and name.isalnum() and len(name) <= LONGEST_ID


def _fetched(action_id: str, creditors: frozenset[str]) -> Invoice | None:
    """An invoice from before the portal; nothing is stored of one that the caller may not see."""
    try:
        view = billecta().get_invoice(action_id)
        if creditors and view.creditor_id not in creditors:
            return None
        return fetch_and_store(action_id, source="third-party").invoice
    except RemoteNotFound:
        return None
