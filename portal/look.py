"""How the admin looks: product name, icon, colours, and navigation by the user's work instead of by app and model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from integration.errors import Text

ACCENT = {
    "50": "oklch(97.6% .013 190)",
    "100": "oklch(94.6% .028 190)",
    "200": "oklch(89.6% .05 190)",
    "300": "oklch(82.5% .075 190)",
    "400": "oklch(73% .095 190)",
    "500": "oklch(63% .1 191)",
    "600": "oklch(51.5% .088 193)",
    "700": "oklch(44.5% .075 194)",
    "800": "oklch(38% .062 195)",
    "900": "oklch(32.5% .05 196)",
    "950": "oklch(24% .038 198)",
}
GREYS = {
    "50": "oklch(98.4% .003 210)",
    "100": "oklch(96.6% .004 212)",
    "200": "oklch(92.4% .006 214)",
    "300": "oklch(86.6% .009 216)",
    "400": "oklch(70.2% .016 220)",
    "500": "oklch(54.6% .019 224)",
    "600": "oklch(44.2% .021 228)",
    "700": "oklch(36.8% .022 230)",
    "800": "oklch(27.4% .02 232)",
    "900": "oklch(20.8% .018 234)",
    "950": "oklch(14.5% .014 236)",
}


def _asset(path: str) -> Callable[[HttpRequest], str]:
    return lambda _request: static(f"kvittens/{path}")


def _page(title: Text, icon: str, model: str, app: str = "integration") -> dict[str, Any]:
    """One entry of the navigation: the list of a model, shown to those who may see it."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{model}"),
    }


NAVIGATION: list[dict[str, Any]] = [
    {"items": [{"title": _("Overview"), "icon": "space_dashboard", "link": reverse_lazy("admin:index")}]},
    {
        "title": _("Orders and invoices"),
        "items": [
            _page(_("Orders"), "shopping_bag", "order"),
            _page(_("Invoices"), "receipt_long", "invoice"),
            _page(_("Entries"), "menu_book", "ledgerentry"),
        ],
    },
    {
        "title": _("Payments"),
        "items": [
            _page(_("Payments"), "payments", "payment"),
            _page(_("Unhandled payments"), "help_center", "unhandledpayment"),
            _page(_("Swish requests"), "send_to_mobile", "swishrequest"),
        ],
    },
    {
        "title": _("Customers and articles"),
        "items": [
            _page(_("Customers"), "groups", "debtor"),
            _page(_("Articles"), "sell", "article"),
            _page(_("Creditors"), "apartment", "creditor"),
            _page(_("Anonymised customers"), "person_off", "anonymisation"),
        ],
    },
    {
        "title": _("Work"),
        "items": [
            _page(_("Pieces of work"), "task_alt", "syncrecord"),
            _page(_("Tasks"), "checklist", "batch"),
            _page(_("Events"), "inbox", "webhookevent"),
            _page(_("Links"), "link", "recordlink"),
            _page(_("Log"), "history", "eventlog"),
        ],
    },
    {
        "title": _("Configuration"),
        "items": [
            _page(_("Settings"), "tune", "portalconfiguration"),
            _page(_("Mapping"), "swap_horiz", "mappingversion"),
            _page(_("Retries"), "update", "retrypolicy"),
            _page(_("Limits of calls"), "speed", "tokenbucket"),
            _page(_("API keys"), "key", "apikey"),
        ],
    },
    {
        "title": _("System"),
        "items": [
            _page(_("Workers"), "monitor_heart", "heartbeat"),
            _page(_("Refused deliveries"), "block", "refuseddelivery"),
            _page(_("Users"), "person", "user", "auth"),
            _page(_("Groups"), "group", "group", "auth"),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Kvittens",
    "SITE_HEADER": "Kvittens",
    "SITE_SUBHEADER": "Lime ↔ Billecta",
    "SITE_URL": None,
    "SITE_ICON": _asset("icon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _asset("icon.svg")}],
    "STYLES": [_asset("kvittens.css")],
    "BORDER_RADIUS": "8px",
    "COLORS": {"base": GREYS, "primary": ACCENT},
    "ENVIRONMENT": "integration.admin.environment.environment",
    "DASHBOARD_CALLBACK": "reports.overview.overview",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("admin:set_language")},
    "COMMAND": {
        "search_models": [
            f"integration.{model}"
            for model in ("order", "invoice", "payment", "debtor", "article", "syncrecord", "webhookevent", "recordlink")
        ],
        "show_history": False,
    },
    "SIDEBAR": {"show_search": True, "command_search": True, "show_all_applications": False, "navigation": NAVIGATION},
}
