from collections.abc import Callable, Iterable
from typing import Any, TypeVar

_Method = TypeVar("_Method", bound=Callable[..., Any])

def action(
    function: None = ...,
    *,
    permissions: Iterable[str] | None = ...,
    description: Any = ...,
    url_path: str | None = ...,
    attrs: dict[str, Any] | None = ...,
    icon: str | None = ...,
) -> Callable[[_Method], _Method]: ...
