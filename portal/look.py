"""How the admin looks: product name, colours, navigation by the user's work."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Kvittens",
    "SITE_HEADER": "Kvittens",
    "SITE_SUBHEADER": _("Lime ↔ Billecta"),
}
