"""trapwalk.Config: the tree, what it checks, and its names."""

import copy
import json
import os
import pathlib
import pickle
import subprocess

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trapwalk
from support import needs_command
from trapwalk import Config, ConfigError

PLATFORMS = ["virt", "dma-study"]
TRAPWALK = os.environ["TRAPWALK"]


def attribute_of(config: Config, key: str) -> tuple[object, str]:
    """The group of a key and the attribute's name."""
    *parts, last = [part.replace("-", "_") for part in key.split(".")]
    group: object = config
    for part in parts:
        group = getattr(group, part)
    return group, last + "_" if last == "return" else last


def other_value(row: trapwalk.Parameter) -> object:
    """A value that the row allows and that is not the present one."""
    if isinstance(row.value, bool):
        return not row.value
    if isinstance(row.value, int):
        return row.min if row.value != row.min else row.max
    return next(choice for choice in row.choices or ("x",) if choice != row.value)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_parameter_is_readable_settable_and_documented(platform: str) -> None:
    config = Config(platform=platform)
    assert len(config.parameters()) > 100
    for row in config.parameters():
        group, name = attribute_of(config, row.key)
        assert name in dir(group)
        assert getattr(group, name) == config[row.key] == row.value
        assert type(getattr(group, name)) is type(row.default)
        documentation = getattr(type(group), name).__doc__
        assert row.range in documentation and (row.source in documentation or not row.is_default)
        value = other_value(row)
        setattr(group, name, value)
        assert getattr(group, name) == value and type(config[row.key]) is type(row.default)
        assert config.parameter(row.key).set_by == "--set"
        delattr(group, name)
        assert config[row.key] == row.value


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_value_out_of_range_is_refused_and_nothing_stored(platform: str) -> None:
    config = Config(platform=platform)
    for row in config.parameters():
        wrong: list[object] = [1.5, None, [1]]
        if isinstance(row.value, bool):
            wrong += [2, "maybe"]
        elif isinstance(row.value, int):
            wrong += [-1, row.max + 1, True, "x"] + ([row.min - 1] if row.min else [])
        elif row.choices:
            wrong += ["nonsense", 5]
        for value in wrong:
            with pytest.raises(ConfigError) as caught:
                config[row.key] = value  # type: ignore[assignment]
            assert caught.value.keys == (row.key,) and str(caught.value).count(row.key) == 1
        assert config.parameter(row.key) == row
    config.validate()


@needs_command
@pytest.mark.parametrize("arguments", [[], ["--cpu", "cortex-a72"], ["--smmu", "mmu-600-like"]])
def test_rows_are_those_of_the_command(arguments: list[str]) -> None:
    named = dict(zip(arguments[::2], arguments[1::2]))
    config = Config(named.get("--cpu", "generic"), smmu=named.get("--smmu"))
    if "--cpu" not in named:
        arguments = ["--cpu", "generic", *arguments]
    text = subprocess.run([TRAPWALK, "parameters", "--json", *arguments], capture_output=True, check=True, text=True)
    rows = {row["key"]: row for row in json.loads(text.stdout)}
    for row in config.parameters():
        if row.key in rows:
            assert rows[row.key]["value"] == row.value and rows[row.key]["set_by"] == row.set_by
    assert rows.keys() <= {row.key for row in config.parameters()}


def test_unknown_names_name_the_nearest() -> None:
    config = Config()
    for action in (
        lambda: config["mmu.l2.entires"],
        lambda: config.mmu.l2.entires,  # type: ignore[attr-defined]
        lambda: setattr(config.mmu.l2, "entires", 5),
        lambda: config.with_({"mmu.l2.entires": 5}),
    ):
        with pytest.raises(ConfigError, match='unknown parameter "mmu.l2.entires".*"mmu.l2.entries"') as caught:
            action()
        assert caught.value.keys == ("mmu.l2.entires",)
    assert not hasattr(config, "mmux") and not hasattr(config.mmu, "l9")
    with pytest.raises(AttributeError, match="cannot be set"):
        config.mmu = 5  # type: ignore[misc, assignment]


@pytest.mark.parametrize("value", [-1, 1 << 64, 65537, "-3"])
def test_numbers_out_of_range_say_the_range(value: object) -> None:
    with pytest.raises(ConfigError, match=rf"^mmu.l2.entries: {value} is out of range, allowed is 0..65536 entries$"):
        Config().mmu.l2.entries = value
    for wrong in ({"cpu": 5}, {"platform": None}, {"smmu": 3}):
        with pytest.raises(TypeError, match="a name is needed"):
            Config(**wrong)  # type: ignore[arg-type]


def test_all_complaints_at_once(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("[mmu]\nl2.entries = 'many'\n[cache]\nnothing = 1\n")
    with pytest.raises(ConfigError) as caught:
        Config(files=[file], sets={"mmu.l2.ways": 1000, "core.frequenzy": 5})
    assert set(caught.value.keys) == {"mmu.l2.entries", "cache.nothing", "mmu.l2.ways", "core.frequenzy"}
    wheres = {complaint.key: complaint.where for complaint in caught.value.complaints}
    assert wheres["mmu.l2.entries"] == f"{file}:2:14" and wheres["mmu.l2.ways"] == "mmu.l2.ways=1000"
    assert pickle.loads(pickle.dumps(caught.value)).complaints == caught.value.complaints


def test_what_values_must_be_together_is_checked_when_used() -> None:
    config = Config()
    config.mmu.l2.entries = 48 * 5
    config.mmu.l2.ways = 5
    config.validate()
    config.mmu.l2.ways = 7
    with pytest.raises(ConfigError, match="multiple") as caught:
        config.arguments()
    assert caught.value.keys == ("mmu.l2.entries",)
    with pytest.raises(ConfigError, match="multiple"):
        Config(sets={"mmu.l2.entries": 9})


def test_strings_are_read_as_set_reads_them_and_numbers_keep_their_bits() -> None:
    config = Config()
    config["cache.l2.size"] = "512K"
    assert config.cache.l2.size == 512 << 10
    config.mmu.seed = (1 << 64) - 1
    assert config.mmu.seed == (1 << 64) - 1
    with pytest.raises(ConfigError):
        config.mmu.seed = 1 << 64
    config.mmu.l2.entries = numpy.uint16(64)  # type: ignore[assignment]
    assert config.mmu.l2.entries == 64 and type(config.sets["mmu.l2.entries"]) is int
    config.mmu.split = numpy.bool_(True)  # type: ignore[assignment]
    assert config.mmu.split is True


def test_names_of_sets() -> None:
    assert {"cortex-a57", "neoverse-n1"} <= set(trapwalk.cpu_sets())
    for cpu in trapwalk.cpu_sets():
        assert Config(cpu).cpu == cpu
    for smmu in trapwalk.smmu_sets():
        assert Config(smmu=smmu) == Config(smmu=f"v3,model={smmu}") != Config(smmu="v3")
        sets = {"study.sync": "register", "study.command_queue": 7}
        assert Config(platform="dma-study", smmu=smmu, sets=sets).smmu_model == smmu
    for wrong in ({"cpu": "cortex-a56"}, {"smmu": "mmu-700"}, {"smmu": "v3,only=x"}, {"platform": "vert"}):
        with pytest.raises(ConfigError):
            Config(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="has no CPU"):
        Config("cortex-a72", platform="dma-study")
    with pytest.raises(TypeError, match="list of paths"):
        Config(files="x.toml")


SETS = st.fixed_dictionaries(
    {},
    optional={
        "mmu.l2.entries": st.integers(1, 1000).map(lambda n: n * 4),
        "mmu.l2.policy": st.sampled_from(["lru", "plru", "fifo", "random"]),
        "mmu.split": st.booleans(),
        "mmu.seed": st.integers(0, 2**64 - 1),
        "core.latency.return": st.integers(1, 9),
    },
)


@settings(max_examples=30)
@given(sets=SETS, cpu=st.sampled_from(["cortex-a57", "cortex-a72", "generic"]), smmu=st.sampled_from([None, "v3", "mmu-600-like"]))
def test_round_trips(sets: dict[str, trapwalk.Value], cpu: str, smmu: str | None) -> None:
    config = Config(cpu, smmu=smmu, sets=sets)
    for again in (
        Config.from_arguments(config.arguments()),
        pickle.loads(pickle.dumps(config)),
        eval(repr(config)),
        copy.deepcopy(config),
        config.copy(),
    ):
        assert again.parameters() == config.parameters()
        assert again == config and hash(again) == hash(config) and again.arguments() == config.arguments()


@needs_command
def test_arguments_are_taken_by_the_command(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text("mmu.l2.entries = 256\n")
    config = Config("cortex-a72", files=[file], sets={"mmu.l2.ways": 8, "replay.leaf": 4096})
    text = subprocess.run([TRAPWALK, "parameters", "--json", *config.arguments()], capture_output=True, check=True, text=True)
    values = {row["key"]: row["value"] for row in json.loads(text.stdout)}
    assert values["mmu.l2.entries"] == 256 and values["mmu.l2.ways"] == 8
    assert all(config[key] == value for key, value in values.items())
    assert "replay.leaf=4096" in config.arguments(replay=True)


def test_a_file_that_has_changed_is_given_by_its_values(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text("mmu.l2.entries = 256\n")
    config = pickle.loads(pickle.dumps(Config(files=[file])))
    assert config.arguments() == ["--cpu", "cortex-a57", "--config", str(file)]
    file.write_text("mmu.l2.entries = 512\n")
    assert config.arguments() == ["--cpu", "cortex-a57", "--set", "mmu.l2.entries=256"]
    file.unlink()
    assert pickle.loads(pickle.dumps(config)).mmu.l2.entries == 256
    with pytest.raises(ConfigError, match="No such file"):
        Config(files=[file])


def test_digest_is_of_values_alone() -> None:
    config = Config("cortex-a72")
    same = Config("cortex-a72", sets={"mmu.l2.entries": config.mmu.l2.entries, "host.shortcuts": False})
    assert same.digest() == config.digest() and len(config.digest()) == 64
    digests = {config.digest(), Config().digest(), Config("cortex-a72", smmu="v3").digest()}
    digests |= {Config("cortex-a72", sets={"mmu.l2.entries": 4}).digest(), Config(platform="dma-study").digest()}
    digests.add(Config("cortex-a72", smmu="v3,only=pci").digest())
    assert len(digests) == 6
    before = config.digest()
    config.mmu.l2.ways = 2
    assert config.digest() != before
    del config.mmu.l2.ways
    assert config.digest() == before
    # a master's own value ends what it takes over from traffic.*, also where they are equal
    study = Config(platform="dma-study")
    assert study.copy(**{"master0.traffic.rate": study.traffic.rate}) != study


def test_shows_itself() -> None:
    config = Config("cortex-a72", sets={"mmu.l2.entries": 64})
    assert "mmu.l2.entries" in config._repr_html_() and "<script" not in config._repr_html_()
    assert "mmu.l2.entries = 64" in repr(config.mmu.l2)
    assert {"mmu", "replay", "arguments"} <= set(dir(config)) and "study" not in dir(config)
    assert set(dir(config.mmu.l2)) >= {"entries", "ways", "latency"}
    assert "study" in dir(Config(platform="dma-study"))
    assert config._ipython_key_completions_() == [row.key for row in config.parameters()]


def test_groups_are_copied_as_places_in_a_configuration() -> None:
    config = Config("cortex-a72", sets={"mmu.l2.entries": 64})
    for made in (pickle.loads(pickle.dumps(config.mmu.l2)), copy.deepcopy(config.mmu.l2), copy.deepcopy([config.mmu.l2])[0]):
        assert made.entries == 64
        made.entries = 128
    assert config.mmu.l2.entries == 64
    copy.copy(config.mmu.l2).entries = 256
    assert config.mmu.l2.entries == 256
    assert copy.deepcopy(config.replay.exit).return_ == config.replay.exit.return_
