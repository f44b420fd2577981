"""Mapping versions: the published one as the pure value that the engine applies."""

from __future__ import annotations

import time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from integration.mapping.spec import MappingSpec, default_mapping
from integration.models import MappingPair, MappingVersion

STRUCTURE = ("limetypes", "links", "order_status_keys", "required_to_billecta", "both_ways")
ASKED_EVERY_SECONDS = 1.0
_published: dict[int, tuple[MappingVersion, MappingSpec]] = {}
_asked: tuple[float, int] = (0.0, 0)


def published() -> tuple[MappingVersion, MappingSpec]:
    """The published version and its value; a fresh database gets the default mapping as version 1.

    Which one it is, is asked once a second: work that starts within a second of a publishing may still go by the one before.
    """
    global _asked  # noqa: PLW0603  one for each process
    until, number = _asked
    if time.monotonic() < until and number in _published:
        return _published[number]
    found = _published_now()
    _asked = (time.monotonic() + ASKED_EVERY_SECONDS, found[0].pk)
    return found


def forget() -> None:
    """Have the next use ask the database, as after publishing here."""
    global _asked  # noqa: PLW0603
    _asked = (0.0, 0)


def _published_now() -> tuple[MappingVersion, MappingSpec]:
    number = _published_number() or _publish_default()
    if number not in _published:
        version = MappingVersion.objects.get(pk=number)
        _published[number] = version, MappingSpec.from_dict(as_dict(version))
    return _published[number]


def _published_number() -> int | None:
    return MappingVersion.objects.filter(status=MappingVersion.Status.PUBLISHED).values_list("pk", flat=True).first()


def _publish_default() -> int:
    """Publish the default mapping, unless another worker that met the same fresh database has just done so."""
    try:
        with transaction.atomic():
            return _published_number() or publish(default_mapping(), note="Default mapping").pk
    except IntegrityError:
        return MappingVersion.objects.get(status=MappingVersion.Status.PUBLISHED).pk


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
    forget()
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
