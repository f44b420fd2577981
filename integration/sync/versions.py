"""Mapping versions: the published one as the pure value that the engine applies."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from integration.mapping.spec import MappingSpec, default_mapping
from integration.models import MappingPair, MappingVersion

STRUCTURE = ("limetypes", "links", "order_status_keys", "required_to_billecta", "both_ways")
_published: dict[int, tuple[MappingVersion, MappingSpec]] = {}


def published() -> tuple[MappingVersion, MappingSpec]:
    """The published version and its value; a fresh database gets the default mapping as version 1."""
    number = MappingVersion.objects.filter(status=MappingVersion.Status.PUBLISHED).values_list("pk", flat=True).first()
    if number is None:
        number = publish(default_mapping(), note="Default mapping").pk
    if number not in _published:
        version = MappingVersion.objects.get(pk=number)
        _published[number] = version, MappingSpec.from_dict(as_dict(version))
    return _published[number]


def as_dict(version: MappingVersion) -> dict[str, Any]:
    """A version in the JSON shape of the default mapping."""
    data: dict[str, Any] = dict(version.structure)
    for pair in version.pairs.all():
        data.setdefault(pair.direction, {}).setdefault(pair.object, []).append(
            [pair.billecta_field, pair.lime_field, {"overwrite": pair.overwrite}]
        )
    return data


def publish(spec: MappingSpec, *, note: str = "") -> MappingVersion:
    """Store a mapping as a new version and make it the published one; the one before is retired."""
    data = spec.to_dict()
    with transaction.atomic():
        last = MappingVersion.objects.order_by("-number").first()
        MappingVersion.objects.filter(status=MappingVersion.Status.PUBLISHED).update(status=MappingVersion.Status.RETIRED)
        version = MappingVersion.objects.create(
            number=last.number + 1 if last else 1,
            status=MappingVersion.Status.PUBLISHED,
            structure={name: data[name] for name in STRUCTURE if name in data},
            note=note,
            published_at=timezone.now(),
        )
        MappingPair.objects.bulk_create(_pairs(version, data))
    return version


def _pairs(version: MappingVersion, data: dict[str, Any]) -> list[MappingPair]:
    rows: list[MappingPair] = []
    for direction in MappingPair.Direction.values:
        for name, pairs in data.get(direction, {}).items():
            for position, pair in enumerate(pairs):
                extra = pair[2] if len(pair) > 2 else {}
                overwrite = extra.get("overwrite", MappingPair.Overwrite.ALWAYS)
                rows.append(
                    MappingPair(
                        version=version,
                        direction=direction,
                        object=name,
                        position=position,
                        billecta_field=pair[0],
                        lime_field=pair[1],
                        overwrite=overwrite,
                    )
                )
    return rows
