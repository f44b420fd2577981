"""The Swedish catalogue: complete, compiled, and with the same placeholders as the English texts."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from integration.commands.table import table
from integration.errors import all_error_classes
from integration.ledger.explanation import MESSAGES, NEXT_STEPS
from integration.models import Order, SyncRecord
from portal.look import NAVIGATION

FOLDER = Path(settings.BASE_DIR) / "portal/locale/sv/LC_MESSAGES"
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def entries() -> Iterator[dict[str, str]]:
    """Each entry of the catalogue by its keywords (`msgid`, `msgstr[0]`, …); its comments under `#`."""
    for block in (FOLDER / "django.po").read_text().strip().split("\n\n"):
        entry: dict[str, str] = {"#": ""}
        keyword = ""
        for line in block.splitlines():
            if line.startswith("#"):
                entry["#"] += line
                continue
            if not line.startswith('"'):
                keyword = line.split(" ", 1)[0]
                entry[keyword] = ""
            entry[keyword] += "".join(part.encode().decode("unicode_escape").encode("latin-1").decode() for part in QUOTED.findall(line))
        yield entry


ENTRIES = [entry for entry in entries() if entry.get("msgid")]


def translations(entry: dict[str, str]) -> list[str]:
    return [text for keyword, text in entry.items() if keyword.startswith("msgstr")]


def test_there_is_something_to_check():
    assert len(ENTRIES) > 300


def test_no_text_is_without_swedish_or_only_guessed():
    assert [entry["msgid"] for entry in ENTRIES if not all(translations(entry)) or "fuzzy" in entry["#"]] == []


def test_no_text_is_left_from_an_earlier_source():
    assert "\n#~" not in (FOLDER / "django.po").read_text()


def test_placeholders_are_the_same_in_both_languages():
    def wrong(entry: dict[str, str]) -> bool:
        english = set(PLACEHOLDER.findall(entry["msgid"] + entry.get("msgid_plural", "")))
        return any(
            set(PLACEHOLDER.findall(text)) - english or english - set(PLACEHOLDER.findall(text)) for text in translations(entry)[-1:]
        )

    assert [entry["msgid"] for entry in ENTRIES if wrong(entry)] == []


def test_what_is_compiled_is_what_is_written():
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in ENTRIES:
        if "msgid_plural" in entry:
            assert compiled.ngettext(entry["msgid"], entry["msgid_plural"], 2) == entry["msgstr[1]"]
        elif "msgctxt" in entry:
            assert compiled.pgettext(entry["msgctxt"], entry["msgid"]) == entry["msgstr"]
        else:
            assert compiled.gettext(entry["msgid"]) == entry["msgstr"]


WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
MARKERS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", *WITH_CONTEXT}


def marked_texts() -> Iterator[tuple[str, str]]:
    """Every text in the source that is marked for translation, after its context or ""."""
    for package in ("integration", "portal", "reports"):
        for file in sorted((Path(settings.BASE_DIR) / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                marker = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
                if isinstance(node, ast.Call) and marker in MARKERS:
                    texts = [item.value if isinstance(item, ast.Constant) else None for item in node.args]
                    context, text = texts[:2] if marker in WITH_CONTEXT else ("", next(iter(texts), None))
                    if isinstance(context, str) and isinstance(text, str):
                        yield context, text


def test_every_text_that_is_marked_in_the_source_is_in_the_catalogue():
    known = {(entry.get("msgctxt", ""), entry["msgid"]) for entry in ENTRIES}
    assert sorted({marked for marked in marked_texts() if marked[1].strip()} - known) == []


def test_a_cancelled_order_is_not_called_what_interrupted_work_is():
    """One English word, two in Swedish: the button, the status and the promise of the confirmation say the same."""
    with translation.override("sv"):
        command = table["cancel-orders-in-billecta"]
        words = [str(text) for text in (command.button, Order.Status.CANCELLED.label, SyncRecord.Status.CANCELLED.label)]
        assert words == ["Makulera", "makulerad", "avbruten"]
        assert str(Order.Withdrawn.CANCELLED.label) in str(command.confirmation)


def shown_texts() -> Iterator[object]:
    for error in all_error_classes():
        yield from (error.template, error.next_step)
    yield from (*MESSAGES.values(), *NEXT_STEPS.values())
    for group in NAVIGATION:
        yield from (group.get("title", ""), *(item["title"] for item in group["items"]))
    for label in ("integration", "reports"):
        for model in apps.get_app_config(label).get_models():
            if isinstance(model._meta.verbose_name, Promise):
                yield from (model._meta.verbose_name, model._meta.verbose_name_plural)
            for field in model._meta.get_fields():
                yield from (getattr(field, "verbose_name", ""), getattr(field, "help_text", ""))
                yield from (label for _value, label in getattr(field, "choices", None) or ())


def test_errors_navigation_and_models_are_in_the_catalogue():
    known = {entry["msgid"] for entry in ENTRIES} | {entry.get("msgid_plural", "") for entry in ENTRIES}
    with translation.override(None):
        shown = {str(text) for text in shown_texts() if isinstance(text, Promise)}
    assert sorted(shown - known - {""}) == []
