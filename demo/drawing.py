"""How the pictures look: colours, titles, axes, labels and the way numbers are written."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Formatter

Instant = Any
"""A datetime. matplotlib takes it, and its types do not say so."""
Day = Any
"""A date, the same way."""

COLOURS = ("#0F6FC6", "#E4572E", "#2A9D6F", "#8A6BBE", "#B7791F", "#5B6770")
FONT = "DejaVu Sans"
"""Comes with matplotlib."""
INK, FAINT = "#22292F", "#8795A1"


@contextmanager
def picture(path: Path, *, size: tuple[float, float], footnote: str) -> Iterator[Figure]:
    """Yield an empty picture, `size` inches, and write it to `path` as PNG when it has been drawn."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    with mpl.rc_context(_style()):
        figure = plt.figure(figsize=size, layout="constrained")
        yield figure
        figure.supxlabel(footnote, x=0.01, ha="left", fontsize=10, color=FAINT)
        figure.savefig(path, dpi=150)
        plt.close(figure)


def headed(axes: Axes, title: str, subtitle: str) -> None:
    """Write what a panel shows above it."""
    axes.set_title(title, loc="left", fontsize=15, fontweight="bold", color=INK, pad=26)
    axes.text(0, 1.025, subtitle, transform=axes.transAxes, fontsize=11, color=FAINT, va="bottom")


def date_axis(axes: Axes) -> None:
    """Let the horizontal axis show a few days."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    axes.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=8))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%d %b"))  # type: ignore[no-untyped-call]


def written_as(written: Callable[[float], str]) -> Formatter:
    """Return what writes an axis' numbers."""
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: written(value))


def whole(value: float) -> str:
    """Return a number with all its digits: 12,850."""
    return f"{value:,.0f}"


def signed(value: float) -> str:
    """Return a change as it is said: +924, 0."""
    return f"{value:+,.0f}".replace("-", "\N{MINUS SIGN}") if value else "0"


def short(value: float) -> str:
    """Return a number as it is said: 940, 12.9K, 3.8M."""
    for size, letter in ((1_000_000, "M"), (1_000, "K")):
        if abs(value) >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:.0f}"


def label_ends(axes: Axes, ends: Sequence[tuple[Day, float, str, str]]) -> None:
    """Write each line's name at its end, moved apart where ends are close."""
    low, high = axes.get_ylim()
    places = label_places([value for _, value, _, _ in ends], gap=(high - low) * 0.13)
    for (day, _, label, colour), place in zip(ends, places, strict=True):
        axes.annotate(
            label, (day, place), xytext=(8, 0), textcoords="offset points", va="center", fontsize=10, color=colour,
            annotation_clip=False,
        )  # fmt: skip


def label_places(values: Sequence[float], *, gap: float) -> list[float]:
    """Return where to write the label of each value: there, or as far above as the labels below it need."""
    places = list(values)
    below = float("-inf")
    for index in sorted(range(len(values)), key=lambda index: values[index]):
        below = places[index] = max(values[index], below + gap)
    return places


def _style() -> Any:  # noqa: ANN401 - matplotlib's type lists every name that there is
    return {
        "font.family": FONT,
        "font.size": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.edgecolor": FAINT,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": "#E4E8EB",
        "xtick.color": FAINT,
        "ytick.color": FAINT,
        "ytick.major.size": 0,
        "ytick.minor.size": 0,
        "text.color": INK,
        "text.parse_math": False,
        "figure.facecolor": "white",
        "figure.constrained_layout.h_pad": 0.16,
        "figure.constrained_layout.w_pad": 0.12,
        "figure.constrained_layout.hspace": 0.06,
        "figure.constrained_layout.wspace": 0.05,
    }
