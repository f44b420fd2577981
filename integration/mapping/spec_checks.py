"""Whether a mapping makes sense: against Billecta's catalogue, and against the Lime solution it is meant for."""

from __future__ import annotations

from collections.abc import Iterator

from integration.errors import Problem
from integration.mapping.catalogue import OBJECTS, BillectaField, Kind, enum_members, fields, find_field
from integration.mapping.lime_schema import TEXT_TYPES, LimeProperty, LimeSchema, option_key
from integration.mapping.order_status import OrderStatus
from integration.mapping.problems import problem
from integration.mapping.spec import Direction, MappingSpec, Pair

_NUMBERS = frozenset({"integer", "decimal", "percent"})
_FITTING: dict[Kind, frozenset[str]] = {
    Kind.TEXT: TEXT_TYPES | {"option"},
    Kind.IDENTITY_NUMBER: TEXT_TYPES,
    Kind.PERSON_NAME: TEXT_TYPES,
    Kind.INTEGER: _NUMBERS | TEXT_TYPES | {"option"},
    Kind.DECIMAL: _NUMBERS | TEXT_TYPES | {"option"},
    Kind.PERCENT: _NUMBERS | TEXT_TYPES | {"option"},
    Kind.AMOUNT: _NUMBERS | TEXT_TYPES,
    Kind.DATE: frozenset({"date", "time"}) | TEXT_TYPES,
    Kind.DATETIME: frozenset({"date", "time"}) | TEXT_TYPES,
    Kind.BOOLEAN: frozenset({"yesno", "integer"}),
    Kind.ENUM: TEXT_TYPES | {"option"},
}
# A relation in Lime can be sent as the related record's name, so text may be read from it but not written to it.
_READ_AS_TEXT = frozenset({"belongsto", "user"})


def check_spec(spec: MappingSpec) -> list[Problem]:
    """What must be mended before the mapping can be used: unknown or unwritable fields, doubles, missing rows and statuses."""
    return [*_check_pairs(spec), *_check_both_ways(spec), *_check_required(spec), *_check_names(spec)]


def check_against_lime(spec: MappingSpec, schema: LimeSchema) -> list[Problem]:
    """What the Lime solution lacks for this mapping; such fields are left out, the rest works. Needs no network."""
    problems: list[Problem] = []
    for (direction, object_name), pairs in spec.pairs.items():
        problems += _check_limetype(spec, schema, direction, object_name, pairs)
    return [*problems, *_check_links(spec, schema)]


def _rows(spec: MappingSpec) -> Iterator[tuple[str, Direction, str, Pair]]:
    for (direction, object_name), pairs in spec.pairs.items():
        for number, pair in enumerate(pairs, start=1):
            yield f"{direction}.{object_name}[{number}]", direction, object_name, pair


def _check_pairs(spec: MappingSpec) -> Iterator[Problem]:
    seen: set[tuple[Direction, str, str]] = set()
    for row, direction, object_name, pair in _rows(spec):
        if object_name not in OBJECTS:
            yield problem("unknown_object", row, value=object_name, allowed=", ".join(OBJECTS))
            continue
        yield from _check_field(row, direction, object_name, pair)
        target = pair.billecta_field if direction is Direction.TO_BILLECTA else pair.lime_field
        if (direction, object_name, target) in seen:
            yield problem("mapped_twice", row, value=target)
        seen.add((direction, object_name, target))


def _check_field(row: str, direction: Direction, object_name: str, pair: Pair) -> Iterator[Problem]:
    field = find_field(object_name, pair.billecta_field)
    if field is None:
        yield problem("unknown_field", row, value=pair.billecta_field, object=object_name)
    elif direction is Direction.TO_BILLECTA and not field.writable:
        yield problem("not_writable", row, value=field.name)
    elif direction is Direction.TO_LIME and not field.readable:
        yield problem("not_readable", row, value=field.name)


def _check_both_ways(spec: MappingSpec) -> Iterator[Problem]:
    for row, direction, object_name, pair in _rows(spec):
        if direction is not Direction.TO_LIME or pair.lime_field in spec.both_ways.get(object_name, {}):
            continue
        if pair.lime_field in spec.fields_both_ways(object_name):
            yield problem("written_by_both", row, value=pair.lime_field)


def _check_required(spec: MappingSpec) -> Iterator[Problem]:
    for object_name, names in spec.required.items():
        for number, name in enumerate(names, start=1):
            if spec.lime_field(Direction.TO_BILLECTA, object_name, name) is None:
                yield problem("required_not_mapped", f"required_to_billecta.{object_name}[{number}]", value=name)


def _check_names(spec: MappingSpec) -> Iterator[Problem]:
    for object_name in dict.fromkeys(name for _, name in spec.pairs):
        if object_name not in spec.limetypes:
            yield problem("limetype_not_named", f"limetypes.{object_name}", value=object_name)
    for missing in [status for status in OrderStatus if status not in spec.order_status_keys]:
        yield problem("status_missing", "order_status_keys", value=str(missing))
    for number, key in enumerate(spec.order_status_keys, start=1):
        if key not in {str(status) for status in OrderStatus}:
            yield problem("status_unknown", f"order_status_keys[{number}]", value=key)


def _check_limetype(
    spec: MappingSpec, schema: LimeSchema, direction: Direction, object_name: str, pairs: tuple[Pair, ...]
) -> Iterator[Problem]:
    limetype = spec.limetype(object_name)
    if limetype not in schema:
        yield problem("lime_type_missing", f"{direction}.{object_name}", value=limetype)
        return
    for number, pair in enumerate(pairs, start=1):
        row = f"{direction}.{object_name}[{number}]"
        info = schema[limetype].get(pair.lime_field)
        field = find_field(object_name, pair.billecta_field) if object_name in OBJECTS else None
        if info is None:
            yield problem("lime_property_missing", row, value=pair.lime_field, object=limetype)
        elif field is not None:
            yield from _check_property(row, direction, field, pair.lime_field, info)
    if direction is Direction.TO_LIME:
        yield from _check_required_by_lime(spec, schema, object_name, pairs)


def _check_property(row: str, direction: Direction, field: BillectaField, name: str, info: LimeProperty) -> Iterator[Problem]:
    lime_type = info.get("type", "")
    reads_relation = direction is Direction.TO_BILLECTA and field.kind is Kind.TEXT and lime_type in _READ_AS_TEXT
    if lime_type not in _FITTING[field.kind] and not reads_relation:
        yield problem("lime_type_unfit", row, value=name, type=lime_type, target=field.name)
    elif direction is Direction.TO_LIME and lime_type == "option" and field.enum:
        missing = [member for member in enum_members(field.enum) if option_key(info, member) is None]
        if missing:
            yield problem("lime_options_missing", row, value=name, missing=", ".join(missing))


def _check_required_by_lime(spec: MappingSpec, schema: LimeSchema, object_name: str, pairs: tuple[Pair, ...]) -> Iterator[Problem]:
    limetype = spec.limetype(object_name)
    filled = {pair.lime_field for pair in pairs} | set(spec.links.get(object_name, {}).values())
    made_here = object_name in {"invoice", "invoicerow", "payment"}
    for name, info in schema[limetype].items():
        if made_here and info.get("required") and name not in filled:
            yield problem("lime_required_unmapped", f"to_lime.{object_name}", value=name, object=limetype)


def _check_links(spec: MappingSpec, schema: LimeSchema) -> Iterator[Problem]:
    for object_name, roles in spec.links.items():
        limetype = spec.limetype(object_name)
        if limetype not in schema:
            yield problem("lime_type_missing", f"links.{object_name}", value=limetype)
            continue
        for role, name in roles.items():
            info = schema[limetype].get(name)
            if info is None:
                yield problem("lime_property_missing", f"links.{object_name}.{role}", value=name, object=limetype)
            elif role == "status" and info.get("type") == "option":
                yield from _check_statuses(spec, f"links.{object_name}.{role}", name, info)


def _check_statuses(spec: MappingSpec, row: str, name: str, info: LimeProperty) -> Iterator[Problem]:
    missing = [key for key in spec.order_status_keys if option_key(info, key) is None]
    if missing:
        yield problem("lime_options_missing", row, value=name, missing=", ".join(missing))


def mappable_fields(object_name: str, direction: Direction) -> tuple[BillectaField, ...]:
    """Fields of an object that a row of this direction may name, for the configuration's choices."""
    wanted = (field.writable if direction is Direction.TO_BILLECTA else field.readable for field in fields(object_name).values())
    return tuple(field for field, keep in zip(fields(object_name).values(), wanted, strict=True) if keep)
