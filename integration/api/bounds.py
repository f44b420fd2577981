"""How far JSON from outside may go: its depth, and the texts that a database can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def depth_of(value: Any, enough: int) -> int:
    """How many objects and lists lie inside each other, counted no further than one over `enough`."""
    depth, level = 0, [value]
    while depth <= enough:
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            break
        depth += 1
        level = [child for item in level for child in _children(item)]
    return depth


def is_storable(value: Any) -> bool:
    """Whether every text in it can be stored: PostgreSQL takes no NUL, and half of a surrogate pair is no character."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for text in _texts(value) for character in text)


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict | list):
            waiting.extend(_children(item))
            waiting.extend(item if isinstance(item, dict) else ())


def _children(item: Any) -> Any:
    return item.values() if isinstance(item, dict) else item
