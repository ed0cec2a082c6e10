"""Plots show the numbers of the tables, fit on their figure, and are seen on white and on black."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from reports import Recorded

import trapwalk
from trapwalk.plots import style

plots = trapwalk.plots


@pytest.fixture(autouse=True)
def close() -> Iterator[None]:
    yield
    pyplot.close("all")


def width_of_bars(ax: Any) -> float:
    return float(sum(patch.get_width() for patch in ax.patches))


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_matplotlib_is_imported_when_it_is_needed() -> None:
    program = "import sys, trapwalk; print('matplotlib' in sys.modules); trapwalk.plots; print(trapwalk.plots.__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "trapwalk.plots"]
    with pytest.raises(AttributeError, match="plot"):
        trapwalk.plot  # noqa: B018


DRAWN: dict[str, Callable[[Recorded, Any], Any]] = {
    "trap_costs": lambda r, ax: plots.trap_costs(r.run, ax=ax),
    "trap_costs each": lambda r, ax: plots.trap_costs(r.run, each=True, rows=5, ax=ax),
    "trap_distributions": lambda r, ax: plots.trap_distributions(r.run, ax=ax),
    "walk_levels": lambda r, ax: plots.walk_levels(r.run, ax=ax),
    "walks_served_by": lambda r, ax: plots.walks_served_by(r.run, ax=ax),
    "interference": lambda r, ax: plots.interference(r.run, "L1 data", ax=ax),
    "ghosts": lambda r, ax: plots.ghosts(r.run, ax=ax),
    "compare": lambda r, ax: plots.compare([r.run, r.run], ax=ax),
    "timeline": lambda r, ax: plots.timeline(r.run, ax=ax),
}


@pytest.mark.parametrize("look", ["default", "dark_background"])
@pytest.mark.parametrize("name", DRAWN)
def test_each_draws_on_the_axes_given_and_fits(tagged: Recorded, tmp_path: Path, name: str, look: str) -> None:
    with pyplot.style.context(look):
        mine = DRAWN[name](tagged, None)
        figure = mine.figure
        figure.savefig(tmp_path / "drawn.png", dpi=80)
        image = pyplot.imread(tmp_path / "drawn.png")[..., :3]
        background = to_rgb(figure.get_facecolor())
        ink = numpy.abs(image - numpy.array(background)).max(axis=2) > 0.2
        assert ink.mean() > 0.01
        # Nothing at the edge: no text is cut off.
        edge = numpy.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
        assert not edge.any(), name
        given = pyplot.subplots()[1]
        assert DRAWN[name](tagged, given) is given and given.get_title(loc="left")


@pytest.mark.parametrize("name", DRAWN)
def test_in_a_grid_a_plot_stays_at_its_place(tagged: Recorded, name: str) -> None:
    figure, grid = pyplot.subplots(2, 2, figsize=(11, 7))
    for ax in grid.flat:
        assert DRAWN[name](tagged, ax) is ax
    figure.canvas.draw()
    for ax in grid.flat:
        place = ax.get_window_extent()
        column = ax.get_subplotspec().get_position(figure).transformed(figure.transFigure)
        assert ax._left_title.get_window_extent().x1 <= column.x1 + 10, name
        legend = ax.get_legend()
        if legend is not None:
            keys = legend.get_window_extent()
            assert place.x0 <= keys.x0 and keys.x1 <= place.x1 + 10 and place.y0 <= keys.y0 and keys.y1 <= place.y1 + 10
            bars = [bar.get_window_extent() for bar in ax.patches if name.split()[0] in ("compare", "trap_costs")]
            assert not any(bar.overlaps(keys) for bar in bars), name
        ends = [text.get_window_extent().x1 for text in ax.texts if len(ax.containers)]
        assert max(ends, default=0) <= place.x1 + 10, name


def test_bars_that_have_no_room_share_one(tagged: Recorded) -> None:
    ax = plots.trap_costs(tagged.run, ax=pyplot.subplots(figsize=(5, 3))[1])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert 2 < len(names) < 8 and names[-1].endswith("more")
    assert width_of_bars(ax) == tagged.run.metric("traps.cycles")


def test_bars_are_the_cycles(tagged: Recorded, flush: Recorded) -> None:
    run = tagged.run
    ax = plots.trap_costs(run)
    assert width_of_bars(ax) == run.metric("traps.cycles")
    assert len(ax.get_yticklabels()) == 13 and "HVC" in ax.get_yticklabels()[0].get_text()
    assert texts(ax)[0] == "17.4 %" or float(texts(ax)[0].split()[0]) > 10
    assert width_of_bars(plots.trap_costs(run, rows=1000)) == run.metric("traps.cycles")
    mean = plots.trap_costs(run, each=True, rows=1)
    hvc = run.traps[(run.traps["control"] == "HVC") & (run.traps["who"] == "EL1 VMID 1")]
    assert width_of_bars(mean) == pytest.approx(hvc["cycles"].sum() / hvc["count"].sum())
    both = plots.compare({"a": run, "b": flush.run})
    assert width_of_bars(both) == run.metric("cycles") + flush.run.metric("cycles")
    assert [label.get_text() for label in both.get_yticklabels()] == ["a", "b"]
    traps = plots.compare([run, flush.run], "traps")
    assert width_of_bars(traps) == run.metric("traps.cycles") + flush.run.metric("traps.cycles")
    misses = plots.compare([run, flush.run], "tlbs.l2.misses")
    assert [patch.get_width() for patch in misses.patches] == [r.metric("tlbs.l2.misses") for r in (run, flush.run)]
    assert "%" in texts(misses)[1]


def test_distributions_are_shares(tagged: Recorded) -> None:
    ax = plots.trap_distributions(tagged.run, rows=3)
    outlines = [patch for patch in ax.patches if not patch.get_fill()]
    assert len(outlines) == 3
    for patch in outlines:
        values, edges, _ = patch.get_data()
        assert values.sum() == pytest.approx(100)
        assert (numpy.diff(edges) > 0).all()


def test_the_grid_of_a_nested_walk(tagged: Recorded) -> None:
    run = tagged.run
    ax = plots.walk_levels(run, value="count", who="EL1 VMID 1")
    grid = numpy.ma.filled(ax.images[0].get_array(), numpy.nan)
    walks = run.walks[run.walks["who"] == "EL1 VMID 1"]
    assert numpy.nansum(grid) == (walks["fetches_stage1"] + walks["fetches_stage2"]).sum()
    # As many stage-1 descriptors of a level as translations that looked for one, in a row that is walked whole.
    assert numpy.isnan(grid[-1, -1]) and (grid[:-1, -1] > 0).all()
    with pytest.raises(trapwalk.Error, match="not 'time'"):
        plots.walk_levels(run, value="time")


def test_ghosts_and_the_real_one(tagged: Recorded) -> None:
    ax = plots.ghosts(tagged.run)
    line, real = ax.lines
    at = dict(zip(line.get_xdata(), line.get_ydata()))
    assert at[real.get_xdata()[0]] == real.get_ydata()[0] == tagged.run.metric("tlbs.l2.misses")


def test_timeline(tagged: Recorded, flush: Recorded) -> None:
    ax = plots.timeline(tagged.run)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert {"VMID 1", "VMID 2"} <= set(names) and "HVC, to EL2" in names
    part = plots.timeline(tagged.run, begin=1000, end=2000)
    assert part.get_xlim() == (1000, 2000)
    with pytest.raises(trapwalk.Error, match="no events"):
        plots.timeline(flush.run)
    with pytest.raises(trapwalk.Error, match="no core 7"):
        plots.timeline(tagged.run, cpu=7)


def test_what_is_not_there_is_said(flush: Recorded) -> None:
    assert texts(plots.ghosts(flush.run)) == ["the run has no ghosts of tlb.l2"]
    assert "nobody" in texts(plots.interference(flush.run, "IPA cache"))[0]
    with pytest.raises(trapwalk.Error, match="needs a run"):
        plots.compare([])
    with pytest.raises(trapwalk.Error, match="tlb.misses.*tlbs"):
        plots.compare([flush.run], "tlb.misses")
    assert len(plots.compare(flush.run).get_yticks()) == 1
    curve = trapwalk.miss_curve(trapwalk.Trace.from_arrays([0x1000, 0x2000, 0x1000]))
    assert len(plots.miss_curves(curve).lines) == len(plots.miss_curves({"a": curve}).lines) == 1
    with pytest.raises(trapwalk.Error, match="need names"):
        plots.miss_curves([curve])  # type: ignore[arg-type]
    for draw in (plots.miss_curves, lambda curve, ways: plots.associativities(curve, (1, ways))):
        with pytest.raises(trapwalk.Error, match="no TLBs of 5000 ways"):
            draw(curve, ways=5000)


def luminance(color: str) -> float:
    """WCAG 2.1, relative luminance."""
    rgb = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def test_colours_are_seen_and_told_apart() -> None:
    for color in style.COLORS:
        light = luminance(color)
        assert 1.05 / (light + 0.05) > 1.9 and (light + 0.05) / 0.05 > 3
    # Neighbours, in the eyes of who has no green cones (Machado, Oliveira and Fernandes 2009, severity 1).
    deuteranopia = numpy.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    )
    seen = [deuteranopia @ numpy.array(to_rgb(color)) for color in style.COLORS]
    for a, b in zip(seen, seen[1:]):
        assert numpy.linalg.norm(a - b) > 0.2
