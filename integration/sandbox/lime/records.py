"""The stored objects of all limetypes, found by id and by the value of any property that someone searches on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.lime.schema import SYSTEM_TYPES, Limetype, Schema

FIRST_ID = 1001


@dataclass(slots=True)
class Record:
    """One object. `values` holds stored values of all its inline properties; the times are UTC texts."""

    limetype: str
    id: int
    values: dict[str, Any]
    createdtime: str
    timestamp: str
    createduser: int
    updateduser: int

    def render(self) -> dict[str, Any]:
        """The record as data for the state file."""
        return {name: getattr(self, name) for name in _STATE_FIELDS}


_STATE_FIELDS = ("id", "values", "createdtime", "timestamp", "createduser", "updateduser")


def search_key(value: Any) -> Any:
    """What equality looks at: text without regard to case, as the database's collation does (assumed)."""
    return value.casefold() if isinstance(value, str) else value


@dataclass
class Table:
    """The records of one limetype in order of id, and those deleted, which can be restored."""

    limetype: Limetype
    rows: dict[int, Record] = field(default_factory=dict)
    deleted: dict[int, Record] = field(default_factory=dict)
    last_id: int = FIRST_ID - 1
    _indexes: dict[str, dict[Any, set[int]]] = field(default_factory=dict, repr=False)

    def next_id(self) -> int:
        """An id that no object of this limetype ever had."""
        self.last_id += 1
        return self.last_id

    def put(self, record: Record) -> None:
        """Add a new record, or one that was deleted."""
        self.rows[record.id] = record
        if record.id < self.last_id:
            self.rows = dict(sorted(self.rows.items()))
        self.last_id = max(self.last_id, record.id)
        self._index(record.id, record.values)

    def put_deleted(self, record: Record) -> None:
        """Keep a record that is not there any more, so that it can be restored."""
        self.deleted[record.id] = record
        self.last_id = max(self.last_id, record.id)

    def change(self, record: Record, values: dict[str, Any]) -> None:
        """Give a record new values for some of its properties."""
        self._unindex(record.id, {name: record.values[name] for name in values})
        record.values.update(values)
        self._index(record.id, values)

    def take(self, record_id: int) -> Record:
        """Remove a record for good. Raises KeyError."""
        record = self.rows.pop(record_id)
        self._unindex(record_id, record.values)
        return record

    def find(self, name: str, value: object) -> set[int]:
        """The ids of the records whose property has this value; the first search on a property builds its index."""
        if name not in self._indexes:
            index = self._indexes[name] = {}
            for record in self.rows.values():
                index.setdefault(search_key(record.values[name]), set()).add(record.id)
        return self._indexes[name].get(search_key(value), set())

    def related(self, name: str, target: int) -> list[Record]:
        """The records whose relation `name` points at `target`, in order of id."""
        return [self.rows[found] for found in sorted(self.find(name, target))]

    def select(self, ids: Iterable[int] | None) -> Iterator[Record]:
        """The records with these ids in order of id; None selects all."""
        if ids is None:
            yield from self.rows.values()
            return
        for record_id in sorted(ids):
            if record_id in self.rows:
                yield self.rows[record_id]

    def _index(self, record_id: int, values: dict[str, Any]) -> None:
        for name, index in self._indexes.items():
            if name in values:
                index.setdefault(search_key(values[name]), set()).add(record_id)

    def _unindex(self, record_id: int, values: dict[str, Any]) -> None:
        for name, index in self._indexes.items():
            if name in values:
                ids = index[search_key(values[name])]
                ids.discard(record_id)
                if not ids:
                    del index[search_key(values[name])]


class Tables:
    """One table per limetype of the schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._tables = {name: Table(limetype) for name, limetype in schema.limetypes.items()}

    def __getitem__(self, limetype: str) -> Table:
        return self._tables[limetype]

    def __iter__(self) -> Iterator[Table]:
        return iter(self._tables.values())

    def clear(self) -> None:
        """Forget all records."""
        self._tables = {name: Table(limetype) for name, limetype in self.schema.limetypes.items()}

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """All records as data, a list per limetype; deleted ones are marked."""
        return {
            table.limetype.name: [record.render() for record in table.rows.values()]
            + [{**record.render(), "deleted": True} for record in table.deleted.values()]
            for table in self
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a snapshot; properties that the schema lacks are left out, those it has gained are empty."""
        self.clear()
        for table in self:
            for row in state.get(table.limetype.name, []):
                keep = table.put_deleted if row.get("deleted") else table.put
                keep(_record(table.limetype, row))


def _record(limetype: Limetype, row: dict[str, Any]) -> Record:
    values = {prop.name: row["values"].get(prop.name, prop.empty) for prop in limetype.inline}
    return Record(limetype.name, **{**{name: row[name] for name in _STATE_FIELDS}, "values": values})


def system_value(limetype: Limetype, record: Record, name: str) -> Any:
    """The stored value of a system property, named without its underscore."""
    if name not in SYSTEM_TYPES:
        raise KeyError(name)
    return str(record.values[limetype.descriptive] or "") if name == "descriptive" else getattr(record, name)
