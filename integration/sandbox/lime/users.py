"""The users of the pretended Lime and the API key, which belongs to one of them."""

import hmac
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class User:
    """A user as the admin API lists it."""

    id: int
    username: str
    login_type: str
    user_type: str
    active: bool = True

    def render(self) -> dict[str, Any]:
        """The user as the admin API shows it."""
        return {
            "id": self.id,
            "username": self.username,
            "active": self.active,
            "loginType": self.login_type,
            "userType": self.user_type,
        }


ADMIN = User(1, "admin", "internal", "USER")
API_USER = User(3701, "kvittens@api", "internal", "API")
PERSON = User(3702, "anna.lindgren", "internal", "USER")
USERS = (ADMIN, API_USER, PERSON, User(3703, "bo.ek", "internal", "USER", active=False))


class ApiKey:
    """The key of the API user; a new one kills the old."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def rotate(self, key: str) -> None:
        """Replace the key."""
        self._key = key.encode()

    def opens(self, key: str) -> bool:
        """Whether this is the key."""
        return hmac.compare_digest(self._key, key.encode())
