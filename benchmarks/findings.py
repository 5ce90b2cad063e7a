"""What a measurement found, beside what it should have found."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Finding:
    """One measured value with its bound.

    Attributes:
        what: What was measured, in words.
        value: The measured value, in `unit`.
        bound: The target, in the same unit; None where the value is only told.
        at_least: Whether the value must reach the bound; else it must not exceed it.
        unit: `x` for a ratio, or what the number counts.
    """

    what: str
    value: float
    bound: float | None = None
    at_least: bool = False
    unit: str = "x"

    @property
    def is_met(self) -> bool:
        """Whether the value keeps to its bound; true where there is none."""
        if self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self) -> str:
        verdict = "" if self.bound is None else "pass" if self.is_met else "MISS"
        target = "" if self.bound is None else f"{'>=' if self.at_least else '<='} {self.bound:g}{self._suffix}"
        return f"  {verdict:4}  {self.value:8.2f}{self._suffix:4} {target:12}  {self.what}"

    @property
    def _suffix(self) -> str:
        return self.unit if self.unit == "x" else f" {self.unit}"


def spread(values: Iterable[float], unit: str) -> str:
    """Return the median of several runs with the lowest and the highest."""
    ordered = sorted(values)
    return f"{median(ordered):.2f} {unit} ({ordered[0]:.2f} to {ordered[-1]:.2f})"
