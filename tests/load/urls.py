"""The portal's addresses and one more: a view that does nothing, to compare the receiver with."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as portal_urls
from tests.load import DO_NOTHING

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@csrf_exempt
def do_nothing(_request: HttpRequest) -> JsonResponse:
    """What server, framework and middleware cost by themselves; the answer is as long as the receiver's."""
    return JsonResponse({"event_id": 1})


urlpatterns = [path(DO_NOTHING, do_nothing), *portal_urls]
