"""Storage against numbers counted by hand, fronts against brute force, shares of variance against functions whose
shares are known, intervals against what they promise."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trapwalk.analysis import Widths, compare, pareto, pareto_front, sensitivity, storage, storage_bits
from trapwalk.analysis.storage import replacement_bits
from trapwalk.errors import ConfigError, Error
from trapwalk.sweeps.points import PowersOfTwo, Range, latin_hypercube, listed, product

# ---- storage

NO_MMU = {
    "mmu.l1i.entries": 0,
    "mmu.l1d.entries": 0,
    "mmu.l1d.store_entries": 0,
    "mmu.l2.entries": 0,
    "mmu.l2.ways": 4,
    "mmu.l1.policy": "default",
    "mmu.l2.policy": "default",
    "mmu.l2.page_sizes": "unified",
    "mmu.l2.large_entries": 64,
    "mmu.l2.large_ways": 4,
    "mmu.l2.large_bits": 21,
    "mmu.ipa.entries": 0,
    "mmu.ipa.ways": 4,
    "mmu.ipa.policy": "default",
    "mmu.walk_cache.entries": 0,
    "mmu.walk_cache.ways": 4,
    "mmu.walk_cache.policy": "default",
    "mmu.walk_cache2.entries": 0,
    "mmu.walk_cache2.ways": 4,
    "mmu.replacement": "lru",
}
# By hand, with the widths of docs/sweep.md. A leaf: tag VPN 36 + ASID 16 + VMID 16 + regime 2 + size 4, data PPN 32
# + 16 + 10, valid 1.
LEAF = 36 + 16 + 16 + 2 + 4 + 32 + 16 + 10 + 1  # 133
EXAMPLES = [
    ({"mmu.l2.entries": 1024}, 256 * (4 * (LEAF - 8) + 5)),  # 8 bits of index; 4! = 24 orders: 5 bits
    ({"mmu.l2.entries": 1024, "mmu.l2.policy": "plru"}, 256 * (4 * (LEAF - 8) + 3)),
    ({"mmu.l2.entries": 1024, "mmu.replacement": "fifo"}, 256 * (4 * (LEAF - 8) + 2)),
    ({"mmu.l2.entries": 1024, "mmu.replacement": "random"}, 1024 * (LEAF - 8)),
    ({"mmu.l2.entries": 1024, "mmu.l2.page_sizes": "skewed"}, 256 * (4 * LEAF + 5)),
    (
        {"mmu.l2.entries": 1024, "mmu.split": True},
        256 * (4 * (LEAF - 8 - 4 - 10) + 5),
    ),  # IPAs of 40 bits, no stage-2 attributes
    ({"mmu.l1i.entries": 4}, 4 * LEAF + 5),
    ({"mmu.l1d.entries": 2, "mmu.l1d.store_entries": 2}, 2 * (2 * LEAF + 1)),
    # tag IPN 28 - 4 of index + VMID 16 + size 4, data 32 + 10, valid
    ({"mmu.ipa.entries": 64}, 16 * (4 * (24 + 20 + 42 + 1) + 5)),
    # tag VA above 2 MB: 27 - 4 + 16 + 16 + 2 + level 2, data 32 + 5, valid
    ({"mmu.walk_cache.entries": 64}, 16 * (4 * (23 + 36 + 37 + 1) + 5)),
    ({"mmu.walk_cache.entries": 64, "mmu.walk_cache.per_level": True}, 3 * 16 * (4 * (23 + 36 + 37 + 1) + 5)),
    ({"mmu.walk_cache.entries": 64, "mmu.walk_cache.in_l2": True}, 0),
    # tag IPA above 2 MB: 19 - 4 + 16 + 2, data 32, valid
    ({"mmu.walk_cache2.entries": 64}, 16 * (4 * (15 + 18 + 32 + 1) + 5)),
    # large pages: 27 - 4 + 38, data 23 + 26, valid; and no other array
    ({"mmu.l2.page_sizes": "split"}, 16 * (4 * (23 + 38 + 49 + 1) + 5)),
]


@pytest.mark.parametrize("changes, bits", EXAMPLES)
def test_bits_counted_by_hand(changes: dict[str, object], bits: int) -> None:
    assert storage_bits({**NO_MMU, **changes}) == bits


def test_bits_of_caches() -> None:
    parameters = {
        "cache.enabled": True,
        "cache.line": 64,
        "cache.l1i.size": 48 << 10,
        "cache.l1i.ways": 3,
        "cache.l1i.policy": "lru",
        "cache.l1d.size": 32 << 10,
        "cache.l1d.ways": 2,
        "cache.l1d.policy": "plru",
        "cache.l2.size": 1 << 20,
        "cache.l2.ways": 16,
        "cache.l2.policy": "srrip",
        "cache.l3.size": 0,
        "cache.system.size": 0,
    }
    l1i = 256 * (3 * (512 + 30 + 1) + 3)  # tag 44 - 6 - 8; 3! orders
    l1d = 256 * (2 * (512 + 30 + 3) + 1)
    l2 = 1024 * (16 * (512 + 28 + 3) + 32)
    assert storage_bits(parameters) == l1i + l1d + l2
    assert storage_bits({**parameters, "cache.enabled": False}) == 0


def test_bits_of_an_smmu() -> None:
    parameters: dict[str, object] = {
        f"smmu.{name}.entries": 0 for name in ("tbu", "tbu.main", "walk_cache", "walk_cache2", "ipa", "ste", "cd")
    }
    parameters |= {"smmu.tlb.entries": 0, "smmu.tbus": 0, "smmu.replacement": "lru"}
    parameters |= {"smmu.tbu.entries": 4, "smmu.tbu.ways": 0, "smmu.ste.entries": 4, "smmu.ste.ways": 2}
    tbu = 4 * LEAF + 5
    ste = 2 * (2 * (16 + 512 + 1) + 1)  # of 17 bits of StreamID one is the index
    assert storage_bits(parameters) == tbu + ste
    assert storage_bits(parameters, Widths(tbus=3)) == 3 * tbu + ste
    assert storage_bits({**parameters, "smmu.tbus": 2}) == 2 * tbu + ste
    assert (
        storage_bits({**NO_MMU, **parameters, "mmu.l1i.entries": 4}) == 4 * LEAF + 5
    )  # a core's; an SMMU is asked for
    assert storage_bits({**NO_MMU, **parameters}, smmu=True) == tbu + ste
    assert [structure.name for structure in storage(parameters)] == ["SMMU TBU TLBs", "SMMU STE cache"]


@pytest.mark.parametrize(
    "policy, ways, bits",
    [
        ("lru", 1, 0),
        ("lru", 2, 1),
        ("lru", 3, 3),
        ("lru", 8, 16),
        ("plru", 8, 7),
        ("fifo", 8, 3),
        ("fifo", 5, 3),
        ("srrip", 4, 8),
        ("random", 4, 0),
    ],
)
def test_bits_of_replacement(policy: str, ways: int, bits: int) -> None:
    assert replacement_bits(policy, ways) == bits


def test_an_unknown_policy() -> None:
    with pytest.raises(ConfigError, match="clock"):
        replacement_bits("clock", 4)


# ---- fronts


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.integers(1, 4).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, 5), min_size=k, max_size=k), min_size=1, max_size=40)
    )
)
def test_front_is_that_of_brute_force(points: list[list[int]]) -> None:
    def beaten(point: list[int]) -> bool:
        return any(all(a <= b for a, b in zip(other, point)) and other != point for other in points)

    assert list(pareto(points)) == [not beaten(point) for point in points]


def test_front_of_a_frame() -> None:
    frame = pd.DataFrame({"misses": [9, 5, 5, 1, math.nan], "bits": [1, 2, 3, 9, 0], "speed": [1, 2, 9, 4, 99]})
    assert list(pareto_front(frame, ["bits", "misses"]).index) == [0, 1, 3]
    assert list(pareto_front(frame, {"bits": "min", "speed": "max"}).index) == [4]
    assert list(pareto_front(frame, {"misses": "min", "speed": "max"}).index) == [3, 2]
    with pytest.raises(Error, match="no column 'missses'"):
        pareto_front(frame, ["missses"])


# ---- sensitivity


def grid(function: object, **axes: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame(list(itertools.product(*axes.values())), columns=list(axes))
    frame["y"] = function(**{name: frame[name] for name in axes})  # type: ignore[operator]
    return frame


def test_shares_of_a_sum() -> None:
    # Var(x) is the same in all three: shares are 16 : 4 : 0.
    frame = grid(lambda a, b, c: 4 * a - 2 * b + 0 * c, a=[0, 1, 2, 3], b=[0, 1, 2, 3], c=[0, 1, 2, 3])
    table = sensitivity(frame, ["c", "b", "a"], "y")
    assert list(table.index) == ["a", "b", "c"]
    assert table["first_order"].tolist() == pytest.approx([0.8, 0.2, 0.0])
    assert table["total"].tolist() == pytest.approx([0.8, 0.2, 0.0])
    assert table.loc["a", "rank_correlation"] > 0.85 and table.loc["b", "rank_correlation"] < -0.35


def test_shares_of_a_product() -> None:
    # Centred: no mean depends on one factor alone, and all of the variance is of the two together.
    table = sensitivity(grid(lambda a, b: a * b, a=[-1, 1], b=[-2, 2]), ["a", "b"], "y")
    assert table["first_order"].tolist() == pytest.approx([0, 0])
    assert table["total"].tolist() == pytest.approx([1, 1])


def test_shares_of_names() -> None:
    frame = pd.DataFrame({"policy": ["lru", "lru", "fifo", "fifo"], "size": [1, 2, 1, 2], "y": [1.0, 1.0, 5.0, 5.0]})
    table = sensitivity(frame, ["size", "policy"], "y")
    assert table["first_order"].tolist() == [1.0, 0.0] and list(table.index) == ["policy", "size"]
    assert math.isnan(table.loc["policy", "rank_correlation"])


def test_shares_of_a_sample() -> None:
    # Ishigami's function: shares 0.3139, 0.4424, 0 (a = 7, b = 0.1).
    points = latin_hypercube({name: [x for x in np.linspace(-math.pi, math.pi, 1001)] for name in "abc"}, 4000, seed=3)
    frame = pd.DataFrame(points)
    frame["y"] = np.sin(frame.a) + 7 * np.sin(frame.b) ** 2 + 0.1 * frame.c**4 * np.sin(frame.a)
    table = sensitivity(frame, ["a", "b", "c"], "y")
    assert table.loc[["a", "b", "c"], "first_order"].tolist() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.04)
    assert table["total"].isna().all()


def test_noise_of_a_sample_explains_nothing() -> None:
    random = np.random.default_rng(5)
    shares = []
    for seed in range(20):
        frame = pd.DataFrame(latin_hypercube({"a": PowersOfTwo(1, 128), "b": Range(0, 9)}, 64, seed))
        frame["y"] = random.normal(size=64)
        shares += sensitivity(frame, ["a", "b"], "y")["first_order"].tolist()
    assert np.mean(shares) < 0.05  # without the correction it would be 7/63 and 9/63


def test_a_metric_that_never_changes() -> None:
    table = sensitivity(grid(lambda a, b: 0 * a + 3, a=[1, 2], b=[1, 2]), ["a", "b"], "y")
    assert table["first_order"].tolist() == [0, 0] and table["total"].tolist() == [0, 0]
    with pytest.raises(Error, match="no column 'z'"):
        sensitivity(pd.DataFrame({"y": [1]}), ["z"], "y")
    with pytest.raises(Error, match="known of 1 points"):
        sensitivity(pd.DataFrame({"a": [1, 2], "y": [1, math.nan]}), ["a"], "y")


# ---- A and B


@pytest.mark.parametrize("method, repeats, paired", [("t", 4, False), ("t", 5, True), ("bootstrap", 40, False)])
def test_intervals_hold_what_they_promise(method: str, repeats: int, paired: bool) -> None:
    random = np.random.default_rng(11)
    experiments, inside = 250 if method == "bootstrap" else 600, 0
    for _ in range(experiments):
        common = random.normal(scale=5, size=repeats) if paired else np.zeros(repeats)
        a, b = 10 + common + random.normal(size=repeats), 12 + common + random.normal(scale=2, size=repeats)
        found = compare(a, b, confidence=0.9, method=method, paired=paired)
        inside += found.low <= 2.0 <= found.high
    # Three standard deviations of so many tries at 0.9.
    assert inside / experiments == pytest.approx(0.9, abs=3 * math.sqrt(0.09 / experiments))


def test_no_difference_is_said_to_be_none() -> None:
    random = np.random.default_rng(2)
    found = compare(random.normal(size=8), random.normal(size=8))
    assert not found.significant and str(found).endswith("not significant")
    found = compare(random.normal(size=8), 9 + random.normal(size=8))
    assert found.significant and "not significant" not in str(found)
    wrong = sum(compare(random.normal(size=5), random.normal(size=5)).significant for _ in range(400))
    assert wrong / 400 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def test_repeats_without_spread() -> None:
    found = compare([5, 5, 5], [7, 7, 7])
    assert (found.low, found.high, found.relative) == (2, 2, 0.4) and found.significant
    assert not compare([5, 5], [5, 5]).significant


@pytest.mark.parametrize(
    "a, b, options, said",
    [
        ([1], [1, 2], {}, "A: 1 repeats"),
        ([1, 2], [1, math.nan], {}, "B: a repeat has no value"),
        ([1, 2], [1, 2], {"confidence": 1.5}, "confidence"),
        ([1, 2], [1, 2], {"method": "z"}, "'t' or 'bootstrap'"),
        ([1, 2], [1, 2, 3], {"paired": True}, "2 of A and 3 of B"),
    ],
)
def test_what_cannot_be_compared(a: list[float], b: list[float], options: dict[str, object], said: str) -> None:
    with pytest.raises(Error, match=said):
        compare(a, b, **options)  # type: ignore[arg-type]


# ---- points


def test_products_and_lists() -> None:
    assert product({"a": [1, 2], "b": PowersOfTwo(3, 9)}) == [
        {"a": 1, "b": 4},
        {"a": 1, "b": 8},
        {"a": 2, "b": 4},
        {"a": 2, "b": 8},
    ]
    assert product({}) == [{}]
    assert listed({"a": [1, 1], "b": Range(0, 10, 10)}) == [{"a": 1, "b": 0}, {"a": 1, "b": 10}]
    assert listed([{"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: product({"a": []}), "a: a list without values"),
        (lambda: product({"a": [1, 1]}), "twice"),
        (lambda: product({"a": "lru"}), "a list"),
        (lambda: product({"a": Range(2, 1)}), "a: no number"),
        (lambda: product({"a": PowersOfTwo(5, 7)}), "a: no power"),
        (lambda: product({"a": [None]}), "no value"),
        (lambda: listed({"a": [1], "b": [1, 2]}), "a has 1, b has 2"),
        (lambda: listed([{"a": 1}, {"b": 1}]), "same parameters"),
        (lambda: latin_hypercube({"a": [1]}, 0), "samples"),
    ],
)
def test_what_is_no_set_of_points(make: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make()  # type: ignore[operator]


@settings(max_examples=40, deadline=None, database=None)
@given(st.integers(1, 7), st.integers(1, 5), st.integers(0, 1000))
def test_a_hypercube_uses_each_value_equally_often(values: int, times: int, seed: int) -> None:
    points = latin_hypercube({"a": Range(1, values), "b": ["x", "y"]}, values * times, seed)
    assert sorted(point["a"] for point in points) == sorted(list(range(1, values + 1)) * times)
    assert points == latin_hypercube({"a": Range(1, values), "b": ["x", "y"]}, values * times, seed)
    assert [point["a"] for point in points] == [
        point["a"] for point in latin_hypercube({"a": Range(1, values)}, values * times, seed)
    ]
