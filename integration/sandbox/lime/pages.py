"""The pages that show what is in Lime: all objects by limetype, and one object with everything that is tied to it."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import Any

from integration.sandbox.lime.records import Record, system_value
from integration.sandbox.lime.render import show_system
from integration.sandbox.lime.sandbox import LimeSandbox
from integration.sandbox.lime.schema import NUMBER_TYPES, SYSTEM_TYPES, Limetype, Property
from integration.sandbox.page import badge, calls_section, document, faults_section, section, table

NEWEST = 25
COLUMNS = 8
LATEST_CALLS = 15
_TONES = {
    **dict.fromkeys(("paid", "ok", "completed", "credited"), "good"),
    **dict.fromkeys(("pending", "warning", "debtcollection", "writtenoff"), "warn"),
    "error": "bad",
}


def overview_page(sandbox: LimeSandbox) -> str:
    """The front page: a table per limetype that has objects, then faults and the latest calls."""
    filled = [limetype for limetype in sandbox.schema.limetypes.values() if sandbox.tables[limetype.name].rows]
    lead = f"{sandbox.settings.database}: {sum(len(sandbox.tables[limetype.name].rows) for limetype in filled)} objects"
    sections = [_limetype_section(sandbox, limetype) for limetype in filled]
    if not filled:
        sections = [section("Objects", '<p class="empty">Nothing has been seeded or created yet.</p>')]
    sections.append(faults_section(sandbox.faults.render()))
    sections.append(calls_section(sandbox.journal.entries(kind="call", latest=LATEST_CALLS)))
    return document("Kvittens sandbox: Lime CRM", lead, sections)


def object_page(sandbox: LimeSandbox, record: Record) -> str:
    """One object: its properties, its system properties and a table per relation that points at it."""
    limetype = sandbox.schema.limetypes[record.limetype]
    rows = [[escape(prop.localname), f"<code>{escape(prop.name)}</code>", _shown(sandbox, prop, record)] for prop in limetype.inline]
    system = [[f"<code>_{name}</code>", escape(str(show_system(limetype, record, name)))] for name in SYSTEM_TYPES]
    sections = [
        '<section><a href="/_sandbox/">All objects</a></section>',
        section("Properties", table(["Label", "Name", "Value"], rows, "")),
        *_relation_sections(sandbox, limetype, record),
        section("System", table(["Name", "Value"], system, "")),
    ]
    title = f"{limetype.singular} {system_value(limetype, record, 'descriptive') or record.id}"
    return document(title, f"{sandbox.settings.database} · {limetype.name} {record.id}", sections)


def _limetype_section(sandbox: LimeSandbox, limetype: Limetype) -> str:
    rows = sandbox.tables[limetype.name].rows
    newest = islice(reversed(rows.values()), NEWEST)
    note = f"{limetype.name} · {len(rows)}" + (f", newest {NEWEST}" if len(rows) > NEWEST else "")
    return section(limetype.plural, _objects_table(sandbox, limetype, newest), note)


def _relation_sections(sandbox: LimeSandbox, limetype: Limetype, record: Record) -> Iterable[str]:
    for prop in limetype.properties.values():
        if prop.type == "hasmany":
            related = sandbox.tables[prop.related].related(prop.inverse, record.id)
            content = _objects_table(
                sandbox, sandbox.schema.limetypes[prop.related], islice(reversed(related), NEWEST), without=prop.inverse
            )
            yield section(prop.localname, content, f"{prop.name} · {len(related)}")


def _objects_table(sandbox: LimeSandbox, limetype: Limetype, records: Iterable[Record], without: str = "") -> str:
    shown = list(records)
    columns = _columns(limetype, shown, without)
    headings = ["Id", *(prop.localname + (">" if prop.type in NUMBER_TYPES else "") for prop in columns)]
    rows = [[_link(limetype.name, record.id, str(record.id)), *(_shown(sandbox, prop, record) for prop in columns)] for record in shown]
    return table(headings, rows, "None.")


def _columns(limetype: Limetype, records: Sequence[Record], without: str) -> list[Property]:
    """The first properties that tell something about at least one of the records."""
    telling = (
        prop for prop in limetype.inline if prop.name != without and any(record.values[prop.name] != prop.empty for record in records)
    )
    return list(islice(telling, COLUMNS))


def _shown(sandbox: LimeSandbox, prop: Property, record: Record) -> str:
    """A value as HTML, in the form a person reads; relations and files as links."""
    value: Any = record.values[prop.name]
    if value is None or value == "":
        return ""
    if prop.type == "option":
        option = prop.by_id[value]
        return badge(option.text, _TONES.get(option.key, "")) if option.text else ""
    if prop.type == "belongsto":
        target = sandbox.tables[prop.related].rows.get(value)
        return "" if target is None else _link(prop.related, value, _name(sandbox, target))
    if prop.type == "yesno":
        return "Ja" if value else "Nej"
    if prop.type == "time":
        return escape(value[:19].replace("T", " ")) + " UTC"
    return f"{value:.2f}" if prop.type == "decimal" else escape(str(value))


def _name(sandbox: LimeSandbox, record: Record) -> str:
    return str(system_value(sandbox.schema.limetypes[record.limetype], record, "descriptive")) or str(record.id)


def _link(limetype: str, record_id: int, text: str) -> str:
    return f'<a href="/_sandbox/objects/{escape(limetype)}/{record_id}">{escape(text)}</a>'
