"""Sliding windows, with a clock of their own."""

from integration.sandbox.limits import RateLimits


class Clock:
    """Time that passes when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _limits(*windows: tuple[int, float]) -> tuple[RateLimits, Clock]:
    clock = Clock()
    return RateLimits({"search": list(windows)}, clock=clock), clock


def test_a_window_slides() -> None:
    limits, clock = _limits((2, 10.0))
    assert limits.wait_for("search", "a") == 0
    clock.now += 4
    assert limits.wait_for("search", "a") == 0
    assert limits.wait_for("search", "a") == 6
    clock.now += 6
    assert limits.wait_for("search", "a") == 0
    assert limits.wait_for("search", "a") == 4


def test_the_longest_wait_of_all_windows_counts() -> None:
    limits, clock = _limits((3, 60.0), (2, 10.0))
    assert [limits.wait_for("search", "a") for _ in range(3)] == [0, 0, 10]
    clock.now += 10
    assert [limits.wait_for("search", "a") for _ in range(2)] == [0, 50]


def test_callers_and_operations_are_counted_apart() -> None:
    limits, _ = _limits((1, 10.0))
    assert limits.wait_for("search", "a") == 0
    assert limits.wait_for("search", "b") == 0
    assert [limits.wait_for("other", "a") for _ in range(5)] == [0] * 5
    assert limits.wait_for("search", "a") == 10


def test_lifting_and_forgetting() -> None:
    limits, _ = _limits((1, 10.0))
    limits.enabled = False
    assert [limits.wait_for("search", "a") for _ in range(3)] == [0, 0, 0]
    limits.enabled = True
    assert [limits.wait_for("search", "a") for _ in range(2)] == [0, 10]
    limits.forget()
    assert limits.wait_for("search", "a") == 0


def test_a_limit_of_none_refuses_all() -> None:
    limits, _ = _limits((0, 10.0))
    assert limits.wait_for("search", "a") == 10
