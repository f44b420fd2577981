"""A mapping as JSON: read with every mistake named by its row, and written back in the same shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from integration.errors import Problem, ValidationFailed
from integration.mapping.problems import problem
from integration.mapping.spec import Direction, MappingSpec, Overwrite, Owner, Pair

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")

_PARTS = ("limetypes", "links", "order_status_keys", *Direction, "required_to_billecta", "both_ways")


def read_spec(data: object) -> MappingSpec:
    """The mapping in `data`; keys that begin with `_` are notes. Raises ValidationFailed with all problems at once."""
    reader = _Reader()
    spec = reader.spec(data)
    if reader.problems:
        raise ValidationFailed(reader.problems)
    return spec


def write_spec(spec: MappingSpec) -> dict[str, Any]:
    """The mapping as JSON. A row is `[billecta, lime]`, with `{"overwrite": …}` behind when it is not `always`."""
    return {
        "limetypes": dict(spec.limetypes),
        "links": {name: dict(roles) for name, roles in spec.links.items()},
        "order_status_keys": list(spec.order_status_keys),
        **{str(direction): _written_pairs(spec, direction) for direction in Direction},
        "required_to_billecta": {name: list(names) for name, names in spec.required.items()},
        "both_ways": {name: {key: str(owner) for key, owner in owners.items()} for name, owners in spec.both_ways.items()},
    }


def _written_pairs(spec: MappingSpec, direction: Direction) -> dict[str, list[list[object]]]:
    return {name: [_written(pair) for pair in pairs] for (way, name), pairs in spec.pairs.items() if way == direction}


def _written(pair: Pair) -> list[object]:
    row: list[object] = [pair.billecta_field, pair.lime_field]
    return row if pair.overwrite is Overwrite.ALWAYS else [*row, {"overwrite": str(pair.overwrite)}]


class _Reader:
    """Reads what it can and collects a Problem for each place it cannot read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def spec(self, data: object) -> MappingSpec:
        parts = self._object("mapping", data)
        for key in parts:
            if key not in _PARTS and not key.startswith("_"):
                self._add("unknown_part", key)
        spec = MappingSpec(
            limetypes=self._names_by_key("limetypes", parts.get("limetypes", {})),
            links=self._each("links", parts.get("links", {}), self._names_by_key),
            order_status_keys=self._names("order_status_keys", parts.get("order_status_keys", [])),
            pairs=self._pairs(parts),
            required=self._each("required_to_billecta", parts.get("required_to_billecta", {}), self._names),
            both_ways=self._each("both_ways", parts.get("both_ways", {}), self._owners),
        )
        return spec if "both_ways" in parts else _with_debtor_owned_by_lime(spec)

    def _pairs(self, parts: Mapping[str, object]) -> dict[tuple[Direction, str], tuple[Pair, ...]]:
        found: dict[tuple[Direction, str], tuple[Pair, ...]] = {}
        for direction in Direction:
            objects = self._each(direction, parts.get(direction, {}), self._rows)
            found |= {(direction, name): pairs for name, pairs in objects.items()}
        return found

    def _rows(self, field: str, data: object) -> tuple[Pair, ...]:
        rows = (self._pair(f"{field}[{number}]", row) for number, row in enumerate(self._list(field, data), start=1))
        return tuple(pair for pair in rows if pair is not None)

    def _pair(self, field: str, row: object) -> Pair | None:
        if isinstance(row, Mapping):
            billecta, lime, how = row.get("billecta_field"), row.get("lime_field"), row.get("overwrite", Overwrite.ALWAYS)
        elif isinstance(row, list | tuple) and len(row) in (2, 3):
            options = row[2] if len(row) == 3 else {}
            billecta, lime = row[0], row[1]
            how = options.get("overwrite", Overwrite.ALWAYS) if isinstance(options, Mapping) else options
        else:
            billecta = lime = how = None
        if not (isinstance(billecta, str) and isinstance(lime, str) and billecta and lime):
            self._add("not_a_pair", field, value=row)
            return None
        overwrite = self._choice("unknown_overwrite", f"{field}.overwrite", how, Overwrite)
        return None if overwrite is None else Pair(billecta, lime, overwrite)

    def _owners(self, field: str, data: object) -> dict[str, Owner]:
        owners = {key: self._choice("unknown_owner", f"{field}.{key}", value, Owner) for key, value in self._object(field, data).items()}
        return {key: owner for key, owner in owners.items() if owner is not None}

    def _choice(self, code: str, field: str, value: object, choices: type[Choice]) -> Choice | None:
        try:
            return choices(str(value))
        except ValueError:
            self._add(code, field, value=value)
            return None

    def _each(self, field: str, data: object, read: Callable[[str, object], Value]) -> dict[str, Value]:
        return {key: read(f"{field}.{key}", value) for key, value in self._object(field, data).items()}

    def _names_by_key(self, field: str, data: object) -> dict[str, str]:
        return {key: self._name(f"{field}.{key}", value) for key, value in self._object(field, data).items()}

    def _names(self, field: str, data: object) -> tuple[str, ...]:
        return tuple(self._name(f"{field}[{number}]", value) for number, value in enumerate(self._list(field, data), start=1))

    def _name(self, field: str, value: object) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._add("not_a_name", field, value=value)
        return ""

    def _object(self, field: str, data: object) -> dict[str, object]:
        if isinstance(data, Mapping):
            return {str(key): value for key, value in data.items()}
        self._add("not_an_object", field)
        return {}

    def _list(self, field: str, data: object) -> list[object]:
        if isinstance(data, list | tuple):
            return list(data)
        self._add("not_a_list", field)
        return []

    def _add(self, code: str, field: str, **params: object) -> None:
        self.problems.append(problem(code, field, **params))


def _with_debtor_owned_by_lime(spec: MappingSpec) -> MappingSpec:
    owners = dict.fromkeys(spec.fields_both_ways("debtor"), Owner.LIME)
    return MappingSpec(**{**spec.__dict__, "both_ways": {"debtor": owners} if owners else {}})
