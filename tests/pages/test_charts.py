"""Charts: what is drawn, that gaps stay gaps, and that no policy is broken."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.pages.charts import Chart, Line, Point, draw, nice_top

SVG = "{http://www.w3.org/2000/svg}"


def _chart(*points: Point | None, top: float | None = None, title: str = "Memory: 40 % now") -> Chart:
    return Chart(title, [Line("", points)], since=0, until=100, ticks=[(50, "12:00")], unit="%", top=top)


def _read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - we have just drawn it


def _lines(svg: str) -> list[str]:
    return [one.get("d", "") for one in _read(svg).iter(f"{SVG}path") if one.get("class") == "line"]


def test_the_title_is_told_to_eyes_and_to_screen_readers() -> None:
    tree = _read(draw(_chart(Point(0, 40), title="5 < 6 & so on")))

    assert tree.get("role") == "img"
    assert tree.findtext(f"{SVG}title") == "5 < 6 & so on"
    assert "5 < 6 & so on" in [one.text for one in tree.iter(f"{SVG}text")]


def test_a_gap_stays_a_gap() -> None:
    whole = _lines(draw(_chart(Point(0, 1), Point(10, 2), Point(20, 3))))
    broken = _lines(draw(_chart(Point(0, 1), Point(10, 2), None, Point(80, 3), Point(90, 3))))

    assert whole[0].count("M") == 1
    assert broken[0].count("M") == 2


def test_nothing_measured_is_said_and_not_drawn_as_nought() -> None:
    svg = draw(_chart(None, None))

    assert _lines(svg) == []
    assert "nothing was measured" in svg


def test_a_range_is_drawn_behind_its_line() -> None:
    svg = draw(_chart(Point(0, 5, 1, 9), Point(10, 5, 2, 8), top=10))

    assert svg.index('class="area"') < svg.index('class="line"')


def test_names_at_the_ends_do_not_overlap() -> None:
    chart = Chart("Load", [Line(f"1 {name}", [Point(0, 1.0), Point(100, 1.0)]) for name in "abc"], since=0, until=100)

    tree = _read(draw(chart))
    places = [float(one.get("y", 0)) for one in tree.iter(f"{SVG}text") if (one.text or "").startswith("1 ")]

    assert len(places) == 3
    assert min(b - a for a, b in zip(sorted(places), sorted(places)[1:], strict=False)) >= 12


def test_a_strict_policy_has_nothing_to_refuse() -> None:
    svg = draw(_chart(Point(0, 5, 1, 9), Point(10, 5, 2, 8)))

    assert "style" not in svg
    assert "script" not in svg


@pytest.mark.parametrize(
    ("highest", "top"), [(0.03, 0.05), (0.9, 1), (1, 1), (1.1, 2), (2.3, 2.5), (7, 10), (10, 10), (99, 100), (130, 200)]
)
def test_the_axis_ends_at_a_round_figure(highest: float, top: float) -> None:
    assert nice_top(highest) == pytest.approx(top)


@given(
    st.lists(
        st.none() | st.builds(Point, st.floats(-1e6, 1e6), st.floats(-1e9, 1e12)),
        max_size=30,
    ),
    st.none() | st.floats(0.1, 1e6),
)
def test_whatever_is_measured_the_picture_is_well_formed_and_inside_its_frame(
    points: list[Point | None], top: float | None
) -> None:
    svg = draw(_chart(*points, top=top))

    _read(svg)
    assert "nan" not in svg
    assert "inf" not in svg
