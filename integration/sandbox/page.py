"""The look of the control pages: one self-contained HTML document with light and dark colours, made of escaped parts."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

_STYLE = (Path(__file__).parent / "page.css").read_text("utf-8")

FAULT_SWITCHES: Sequence[tuple[str, str, dict[str, str]]] = (
    ("Next call: 503", "status", {"status": "503", "times": "1"}),
    ("Next call: 429", "rate_limit", {"times": "1", "seconds": "5"}),
    ("Next call: timeout after write", "timeout_after_write", {"times": "1"}),
    ("Next call: connection reset", "reset", {"times": "1"}),
    ("Next call: broken JSON", "invalid_json", {"times": "1"}),
    ("All calls: 2 s slow", "latency", {"seconds": "2"}),
    ("All calls: 500", "status", {"status": "500"}),
)
"""Faults the page offers: label, kind and the rule's other properties."""


def document(title: str, lead: str, sections: Iterable[str]) -> str:
    """The whole page. `lead` is text; `sections` are HTML."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><header><h1>{escape(title)}</h1><p>{escape(lead)}</p></header>"
        f"<main>{''.join(sections)}</main></body></html>"
    )


def section(heading: str, content: str, note: str = "") -> str:
    """One headed part of the page; `content` is HTML, the rest text."""
    small = f"<small>{escape(note)}</small>" if note else ""
    return f"<section><h2>{escape(heading)} {small}</h2>{content}</section>"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> str:
    """A table of HTML cells; `empty` is the text shown instead when there are no rows. A heading that ends in `>` is right-aligned."""
    if not rows:
        return f'<p class="empty">{escape(empty)}</p>'
    right = [heading.endswith(">") for heading in headings]
    head = "".join(_cell("th", escape(heading.rstrip(">")), is_right) for heading, is_right in zip(headings, right, strict=True))
    body = "".join(
        "<tr>" + "".join(_cell("td", cell, is_right) for cell, is_right in zip(row, right, strict=True)) + "</tr>" for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def form(action: str, label: str, hidden: dict[str, str] | None = None, field: str = "", style: str = "") -> str:
    """A button that posts to `action`; `field` is the HTML of an input beside it, `style` a class of the button."""
    inputs = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in (hidden or {}).items())
    return f'<form method="post" action="{escape(action)}">{inputs}{field}<button class="{escape(style)}">{escape(label)}</button></form>'


def badge(text: str, tone: str = "") -> str:
    """A small coloured word; tones: good, warn, bad, or none."""
    return f'<span class="badge {escape(tone)}">{escape(text)}</span>'


def calls_section(calls: Sequence[dict[str, Any]]) -> str:
    """The latest calls, newest first; `calls` are journal entries, oldest first."""
    rows = [
        [
            escape(call["at"][11:19]),
            f"<b>{escape(call['method'])}</b>",
            f"<code>{escape(call['path'])}</code>",
            escape(call["operation"]),
            _status(call["status"]),
            badge(call["fault"], "warn") if call["fault"] else "",
        ]
        for call in reversed(calls)
    ]
    return section("Latest calls", table(["UTC", "Method", "Path", "Operation", "Status", "Fault"], rows, "Nobody has called yet."))


def faults_section(rules: Sequence[dict[str, Any]]) -> str:
    """Switches that add a fault, and the rules still in force."""
    switches = "".join(form("/_sandbox/faults", label, {"kind": kind, **more}) for label, kind, more in FAULT_SWITCHES)
    clear = form("/_sandbox/faults/clear", "Clear faults", style="quiet")
    rows = [
        [
            escape(str(rule["kind"])),
            escape(str(rule["operation"] or rule["path"] or rule["event"] or "everything")),
            "always" if rule["times"] is None else escape(str(rule["times"])),
            str(rule["hits"]),
        ]
        for rule in rules
        if rule["times"] != 0
    ]
    in_force = table(["Fault", "On", "Left>", "Struck>"], rows, "No fault is in force.")
    return section("Faults", f'<div class="buttons">{switches}{clear}</div>{in_force}')


def _status(status: int | None) -> str:
    if status is None:
        return badge("dropped", "bad")
    return badge(str(status), "good" if status < 400 else "warn" if status < 500 else "bad")


def _cell(tag: str, content: str, is_right: bool) -> str:
    return f"<{tag}{' class=right' if is_right else ''}>{content}</{tag}>"
