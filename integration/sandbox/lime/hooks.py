"""What a solution's own code does inside a save: rewrite a property or refuse the save."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integration.sandbox.base import Refusal

_REWRITES: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "strip": str.strip,
    "digits": lambda text: re.sub(r"\D", "", text),
}

ACTIONS = frozenset(_REWRITES) | {"set", "refuse"}


@dataclass(frozen=True)
class ServerHook:
    """One thing that happens before an object of `limetype` is saved.

    `action` is upper, strip or digits (rewrites the text of `property` when it is written), set (gives `property` the `value`
    whatever is written) or refuse (the save fails with `message`).
    """

    limetype: str
    action: str
    property: str = ""
    value: Any = None
    message: str = "The save was refused by before_update"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ServerHook":
        """A hook from a control call. Raises ValueError."""
        try:
            hook = cls(**data)
        except TypeError:
            raise ValueError(f"a server hook takes limetype, action, property, value and message, not {dict(data)}") from None
        if hook.action not in ACTIONS:
            raise ValueError(f"action must be one of {', '.join(sorted(ACTIONS))}")
        if hook.action != "refuse" and not hook.property:
            raise ValueError(f"{hook.action} needs a property")
        return hook

    def apply(self, written: dict[str, Any]) -> None:
        """Change what was written. Raises Refusal (400) when the save is refused."""
        if self.action == "refuse":
            raise Refusal(400, self.message)
        if self.action == "set":
            written[self.property] = self.value
        elif isinstance(written.get(self.property), str):
            written[self.property] = _REWRITES[self.action](written[self.property])
