"""The write path: every create, update, delete and restore is checked, saved, stamped and told to those who listen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

from integration.sandbox.base import Refusal
from integration.sandbox.lime.hooks import ServerHook
from integration.sandbox.lime.moments import stored
from integration.sandbox.lime.records import Record, Table, Tables
from integration.sandbox.lime.schema import Property
from integration.sandbox.lime.values import InvalidValue, accept


@dataclass(frozen=True)
class Change:
    """What one save did. `kind` is new, update, delete or restore; `original` holds the old values of what an update changed."""

    kind: str
    record: Record
    original: Mapping[str, Any] = field(default_factory=dict)


class Crm:
    """The objects of one Lime database and the only way to change them."""

    def __init__(self, tables: Tables, has_file: Callable[[int], bool]) -> None:
        self.tables = tables
        self.hooks: list[ServerHook] = []
        self.listeners: list[Callable[[Change], None]] = []
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._has_file = has_file

    def table(self, limetype: str) -> Table:
        """The table of a limetype. Raises Refusal (404)."""
        if limetype not in self.tables.schema.limetypes:
            raise Refusal(404, f"Limetype '{limetype}' not found")
        return self.tables[limetype]

    def get(self, limetype: str, record_id: int) -> Record:
        """One object. Raises Refusal (404)."""
        record = self.table(limetype).rows.get(record_id)
        if record is None:
            raise Refusal(404, "Object not found")
        return record

    def create(self, limetype: str, written: Mapping[str, Any], user: int) -> Record:
        """Save a new object, every required property included. Raises Refusal (400, 404)."""
        record = self.insert(limetype, written, user)
        self._tell(Change("new", record))
        return record

    def insert(self, limetype: str, written: Mapping[str, Any], user: int) -> Record:
        """As `create`, but nobody is told. Raises Refusal (400, 404)."""
        table = self.table(limetype)
        record = self.draft(limetype, written, user, record_id=0)
        for prop in table.limetype.inline:
            if prop.required and record.values[prop.name] == prop.empty:
                _refuse(prop, "is required")
        record.id = table.next_id()
        table.put(record)
        return record

    def draft(self, limetype: str, written: Mapping[str, Any], user: int, record_id: int) -> Record:
        """An object that is not saved: what is written over empty values. Raises Refusal (400, 404)."""
        values = {prop.name: prop.empty for prop in self.table(limetype).limetype.inline}
        values.update(self._accepted(limetype, written))
        now = stored(self.clock())
        return Record(limetype, record_id, values, now, now, user, user)

    def update(self, limetype: str, record_id: int, written: Mapping[str, Any], user: int) -> Record:
        """Change only the properties that are written; the last write wins. Raises Refusal (400, 404)."""
        record = self.get(limetype, record_id)
        values = self._accepted(limetype, written)
        original = {name: record.values[name] for name, value in values.items() if record.values[name] != value}
        self.table(limetype).change(record, values)
        record.timestamp = stored(self.clock())
        record.updateduser = user
        self._tell(Change("update", record, original))
        return record

    def delete(self, limetype: str, record_id: int, user: int) -> None:
        """Remove an object; relations that point at it are emptied without an event of their own (assumed). Raises Refusal (404)."""
        record = self.get(limetype, record_id)
        self._detach(limetype, record_id)
        table = self.table(limetype)
        table.put_deleted(table.take(record_id))
        record.updateduser = user
        self._tell(Change("delete", record))

    def restore(self, limetype: str, record_id: int, user: int) -> Record:
        """Bring a deleted object back. Raises Refusal (404)."""
        table = self.table(limetype)
        record = table.deleted.pop(record_id, None)
        if record is None:
            raise Refusal(404, "No such object was deleted")
        record.timestamp = stored(self.clock())
        record.updateduser = user
        table.put(record)
        self._tell(Change("restore", record))
        return record

    def _detach(self, limetype: str, record_id: int) -> None:
        for table in self.tables:
            for prop in table.limetype.inline:
                if prop.type == "belongsto" and prop.related == limetype:
                    for record in table.related(prop.name, record_id):
                        table.change(record, {prop.name: None})

    def _accepted(self, limetype: str, written: Mapping[str, Any]) -> dict[str, Any]:
        """What is written as stored values, after the solution's hooks."""
        properties = self.table(limetype).limetype.properties
        hooked = dict(written)
        for hook in self.hooks:
            if hook.limetype == limetype:
                hook.apply(hooked)
        return {name: self._accepted_value(limetype, properties.get(name), name, value) for name, value in hooked.items()}

    def _accepted_value(self, limetype: str, prop: Property | None, name: str, value: object) -> object:
        if prop is None or prop.type == "hasmany":
            raise Refusal(400, f"Limetype '{limetype}' has no property '{name}' that can be written")
        try:
            accepted = accept(prop, value)
        except InvalidValue as problem:
            _refuse(prop, str(problem))
        if accepted is not None and not self._exists(prop, accepted):
            _refuse(prop, f"points at {prop.related or 'file'} {accepted}, which does not exist")
        return accepted

    def _exists(self, prop: Property, value: Any) -> bool:
        if prop.type == "belongsto":
            return value in self.tables[prop.related].rows
        return prop.type != "file" or self._has_file(value)

    def _tell(self, change: Change) -> None:
        for listener in self.listeners:
            listener(change)


def _refuse(prop: Property, reason: str) -> NoReturn:
    raise Refusal(400, f"Property '{prop.name}' {reason}")
