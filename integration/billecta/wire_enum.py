"""How Billecta's enums travel: sent by name, read by name or number, and kept when they are not known."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self


class WireEnum(StrEnum):
    """A member is its name on the wire. A name or number that is not known becomes a member that is not `is_known` and keeps what came.

    Billecta's schemas declare numbers, its traffic holds names; both are read.
    """

    number: int | None
    view: ClassVar[str]
    """The enum's name in Billecta's schemas."""

    def __init_subclass__(cls, *, view: str) -> None:
        cls.view = view

    def __new__(cls, name: str, number: int | None = None) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.number = number
        return member

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        for member in cls:
            if member.number == value or (isinstance(value, str) and member.value.lower() == value.strip().lower()):
                return member
        unknown = str.__new__(cls, value)
        unknown._value_, unknown._name_, unknown.number = str(value), "UNKNOWN_TO_THE_PORTAL", None
        return unknown

    @property
    def is_known(self) -> bool:
        """Whether the portal knows the member; false for names that Billecta added later."""
        return self.value in type(self)._value2member_map_
