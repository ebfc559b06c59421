"""The chart of other programs next to hw1's seeds."""

import pytest

from hw1_lightning.report.summary.spread import EDGE, WIDTH, charts


def test_values_are_placed_on_one_axis() -> None:
    rows = [
        {"values": {"ours": [0.2, 0.6], "programs": [], "apart": []}},
        {"values": {"ours": [], "programs": [0.4], "apart": [0.3]}},
    ]
    chart = charts(rows)
    assert chart["rows"][0]["ours"] == [EDGE, WIDTH - EDGE]
    assert chart["rows"][1]["programs"] == [WIDTH / 2]
    assert [text for _, text in chart["ticks"]] == ["0.20", "0.30", "0.40", "0.50", "0.60"]
    assert chart["ticks"][2][0] == WIDTH / 2


@pytest.mark.parametrize(("low", "high"), [(0.153, 0.962), (0.5, 0.5), (0.0, 1.0), (0.59, 0.61)])
def test_the_axis_covers_all_values_with_few_lines(low: float, high: float) -> None:
    chart = charts([{"values": {"ours": [low], "programs": [high], "apart": []}}])
    assert 0 < len(chart["ticks"]) <= 7
    (row,) = chart["rows"]
    assert EDGE <= row["ours"][0] <= row["programs"][0] <= WIDTH - EDGE
    assert all(EDGE <= place <= WIDTH - EDGE for place, _ in chart["ticks"])
