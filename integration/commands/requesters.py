"""Who asks for a command, told apart by ids: two people may share a name, and one person may change it."""

from __future__ import annotations

from dataclasses import dataclass

LIME, USER, KEY = "lime:", "user:", "key:"
_LONGEST = 220


@dataclass(frozen=True)
class Requester:
    """`identity` is `lime:<user id>`, `user:<id in the portal>`, `key:<name of an API key>` or empty; `name` is what people read."""

    identity: str
    name: str

    @property
    def is_person(self) -> bool:
        """Whether it is known which person asks."""
        return is_person(self.identity)


def is_person(identity: str) -> bool:
    """Whether an identity is a person's; a key or the portal itself is none."""
    return identity.startswith((LIME, USER))


def identity_of(*, user_id: int | None, lime_user: object, key: str) -> str:
    """The identity of who asks. Who is signed in is believed before what the request says of a Lime user."""
    if user_id is not None:
        return f"{USER}{user_id}"
    named = str(lime_user if lime_user is not None else "").strip()
    if named.isdecimal():
        named = str(int(named) or "")
    if named:
        return f"{LIME}{named}"[:_LONGEST]
    return f"{KEY}{key}"[:_LONGEST] if key else ""
