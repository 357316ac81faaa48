"""Demo data as apps declare it in `<app>/demo.py`; `manage.py seed_demo` runs the declarations in order."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[float], None]
"""Called with the finished share, 0.0 to 1.0."""


@dataclass(frozen=True, slots=True)
class DemoData:
    """One step. `seed` is safe to run again: it creates what is missing and changes nothing else."""

    label: str
    order: int
    seed: Callable[[Progress], None]


_steps: dict[str, DemoData] = {}


def demo_data(label: str, *, order: int) -> Callable[[Callable[[Progress], None]], Callable[[Progress], None]]:
    def declare(seed: Callable[[Progress], None]) -> Callable[[Progress], None]:
        _steps[label] = DemoData(label, order, seed)
        return seed

    return declare


def demo_steps() -> list[DemoData]:
    return sorted(_steps.values(), key=lambda step: step.order)
