"""The parameters of a platform as an object: the table of `trapwalk parameters`, and of replays."""

from __future__ import annotations

import hashlib
import html
import operator
import os
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Union

import numpy

from trapwalk import _trapwalk
from trapwalk._rows import Parameter, Value, text
from trapwalk._tree import Tree, unknown
from trapwalk.errors import ConfigError

PathLike = Union[str, "os.PathLike[str]"]
_File = tuple[str, bytes]

_DEFAULT_CPU = "cortex-a57"
_SMMU_KEYS = {"only": ("pci",), "msi": ("on", "off"), "model": tuple(_trapwalk.smmu_sets())}


def cpu_sets() -> list[str]:
    """Names for `Config(cpu=...)`: the parameter sets that are part of the program."""
    return _trapwalk.cpu_sets()


def smmu_sets() -> list[str]:
    """Names for `Config(smmu=...)`."""
    return _trapwalk.smmu_sets()


def virt_config(config: Optional[Config], default: Optional[Callable[[], Config]] = None) -> Config:
    """`config`, or the default one. Raises TypeError for what is none; ValueError for another platform's."""
    if config is None and default is not None:
        return default()
    config = checked_config(config)
    if config.platform_name != "virt":
        raise ValueError(f"config: one of virt is needed, not of {config.platform_name}")
    return config


def checked_config(config: Any, name: str = "config") -> Config:
    """`config`. Raises TypeError for what is none; of a name of a CPU it says what would be one."""
    if isinstance(config, Config):
        return config
    hint = f": Config({config!r}) is one" if isinstance(config, str) and config in cpu_sets() else ""
    raise TypeError(f"{name}: a trapwalk.Config is needed, not {_shown(config)}{hint}")


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"


class Config(Tree):
    """All parameters of a platform, and of a replay (`replay.*`).

    Values come from the rows' defaults, then the set of the CPU, the set of the SMMU, TOML files, and what is set
    here; later wins. A parameter is an attribute, `config.mmu.l2.entries = 512`, or an item,
    `config["cache.l2.size"] = "1M"`: strings are read as `--set` reads them. `help(type(config.mmu.l2))` has unit,
    range, default and source of each. A value alone is checked when it is set; what values must be together (entries a
    multiple of ways) when they are used, or by `validate()`.

    Args:
        cpu: of `cpu_sets()`. A DMA study has none.
        platform: "virt" or "dma-study".
        smmu: of virt: None, "v3", a name of `smmu_sets()`, or as the option --smmu: "v3,msi=on,model=mmu-600-like";
            of a DMA study a name of `smmu_sets()` or None.
        files: TOML files of parameters, read now.
        sets: values by key.

    Raises:
        ConfigError: with all that is wrong.
    """

    _configuration: _trapwalk.Configuration
    _digest: Optional[str]

    def __init__(
        self,
        cpu: str = _DEFAULT_CPU,
        *,
        platform: str = "virt",
        smmu: Optional[str] = None,
        files: Iterable[PathLike] = (),
        sets: Optional[Mapping[str, Value]] = None,
    ) -> None:
        if isinstance(files, (str, os.PathLike)):
            raise TypeError(f"files: a list of paths is needed, not {files!r}")
        for name, given in (("cpu", cpu), ("platform", platform), ("smmu", "" if smmu is None else smmu)):
            if not isinstance(given, str):
                raise TypeError(f"{name}: a name is needed, not {given!r}")
        self._make(cpu, platform, smmu, tuple(_read(os.fspath(path)) for path in files), dict(sets or {}))

    def _make(
        self, cpu: str, platform: str, smmu: Optional[str], files: tuple[_File, ...], sets: Mapping[str, Value]
    ) -> None:
        self._platform = platform
        self._configuration = _trapwalk.Configuration(platform)
        self._cpu = cpu if platform == "virt" else ""
        self._smmu = None if smmu == "none" else smmu
        self._files = files
        self._sets: dict[str, Value] = {}
        self._digest = None
        if platform == "virt":
            self._configuration.load_cpu(cpu)
        elif cpu != _DEFAULT_CPU and cpu != "":
            raise ConfigError(f"cpu: {platform} has no CPU")
        if model := _smmu_model(platform, self._smmu):
            self._configuration.load_smmu(model)
        for name, content in files:
            self._configuration.load_text(content, name)
        for key, value in sets.items():
            self._configuration.set(key, _text(key, value))
        self._configuration.require_valid()
        self._sets = {key: self[key] for key in sets}

    # ---- what it is made of

    @property
    def cpu(self) -> str:
        """The set of the CPU; empty in a DMA study."""
        return self._cpu

    @property
    def platform_name(self) -> str:
        """"virt" or "dma-study". (`platform` is a group of parameters.)"""
        return self._platform

    @property
    def smmu_model(self) -> Optional[str]:
        """The SMMU as it was given; None: there is none. (`smmu` is a group of parameters.)"""
        return self._smmu

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the TOML files."""
        return tuple(name for name, _ in self._files)

    @property
    def sets(self) -> dict[str, Value]:
        """What has been set here, by key; a copy."""
        return dict(self._sets)

    # ---- values

    def __getitem__(self, key: str) -> Value:
        value = self._configuration.value(key)
        if value is None:
            raise unknown(key, self)
        return value

    def __setitem__(self, key: str, value: Value) -> None:
        self[key]
        self._configuration.set(key, _text(key, value))
        self._configuration.throw_complaints()
        self._digest = None
        self._sets[key] = self[key]

    def __delitem__(self, key: str) -> None:
        self[key]
        left = {other: value for other, value in self._sets.items() if other != key}
        fresh = _restored(self._cpu, self._platform, self._smmu, self._files, left)
        self._configuration, self._sets, self._digest = fresh._configuration, fresh._sets, None

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._configuration.value(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(row[0] for row in self._configuration.rows())

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def parameters(self, prefix: str = "") -> list[Parameter]:
        """The rows of all parameters whose keys begin with `prefix`, in the order of `trapwalk parameters`."""
        rows = [row for row in self._configuration.rows() if row[0].startswith(prefix)]
        return [Parameter.of_row(row) for row in rows]

    def parameter(self, key: str) -> Parameter:
        """The row of one parameter."""
        self[key]
        return Parameter.of_row(self._configuration.row(key))

    def validate(self) -> None:
        """Raises ConfigError with all that is wrong about several values together."""
        self._configuration.require_valid()

    # ---- copies

    def with_(self, changes: Mapping[str, Any]) -> Config:
        """A copy with other values by key; "cpu", "smmu" and "files" are those of the constructor."""
        left = dict(changes)
        cpu = left.pop("cpu", self._cpu)
        smmu = left.pop("smmu", self._smmu)
        files = tuple(_read(os.fspath(path)) for path in left.pop("files")) if "files" in left else self._files
        return _restored(cpu, self._platform, smmu, files, {**self._sets, **left})

    def copy(self, **changes: Any) -> Config:
        """`with_` by keywords: `copy(cpu="cortex-a72", **{"mmu.l2.entries": 512})`."""
        return self.with_(changes)

    def __copy__(self) -> Config:
        return self.with_({})

    def __deepcopy__(self, memo: Any) -> Config:
        return self.with_({})

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._cpu, self._platform, self._smmu, self._files, self._sets)

    # ---- names

    def arguments(self, *, replay: bool = False) -> list[str]:
        """Options of `trapwalk run`, or of `trapwalk replay`, that make this configuration: what is not default.

        Values of a file that is no longer what was read are given one by one. A run does not know `replay.*`, which are
        left out then.

        Raises:
            ConfigError: values do not go together.
        """
        self.validate()
        words = ["--platform", self._platform] if self._platform != "virt" else ["--cpu", self._cpu]
        if self._smmu is not None and not replay:
            is_plain = self._platform == "virt" and self._smmu in smmu_sets()
            words += ["--smmu", f"v3,model={self._smmu}" if is_plain else self._smmu]
        elif model := _smmu_model(self._platform, self._smmu):
            words += ["--smmu", model]
        as_read = all(_is_unchanged(file) for file in self._files)
        if as_read:
            for name, _ in self._files:
                words += ["--config", name]
        values = self._sets if as_read else {**self._of_files(), **self._sets}
        for key, value in values.items():
            if replay or not _is_of_replays(key):
                words += ["--set", f"{key}={text(value)}"]
        return words

    def _of_files(self) -> dict[str, Value]:
        names = self.files
        return {row.key: row.value for row in self.parameters() if row.set_by.rpartition(":")[0] in names}

    @classmethod
    def from_arguments(cls, arguments: Iterable[str]) -> Config:
        """The configuration of a command line of --platform, --cpu, --smmu, --config and --set."""
        single = {"--platform": "virt", "--cpu": _DEFAULT_CPU}
        files: list[str] = []
        sets: dict[str, Value] = {}
        words = iter(arguments)
        for word in words:
            option, joined, value = word.partition("=")
            if option not in ("--platform", "--cpu", "--smmu", "--config", "--set"):
                raise ConfigError(f"{word}: is not an option of the configuration")
            if not joined:
                value = next(words, "")
            if option == "--config":
                files.append(value)
            elif option == "--set":
                key, _, assigned = value.partition("=")
                sets[key.strip()] = assigned.strip()
            else:
                single[option] = value
        return cls(single["--cpu"], platform=single["--platform"], smmu=single.get("--smmu"), files=files, sets=sets)

    def digest(self) -> str:
        """SHA-256 of all values but those of `host.*`, which change no result; 64 hexadecimal digits."""
        if self._digest is None:
            lines = ["trapwalk configuration 1", f"platform {self._platform}", f"smmu {self._smmu_options()}"]
            for row in self.parameters():
                # masterN.* that nobody has set are those of traffic.*
                if row.key.startswith("host.") or (row.key.startswith("master") and row.is_default):
                    continue
                lines.append(f"{row.key}={text(row.value)}")
            self._digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return self._digest

    def _smmu_options(self) -> str:
        """What of the SMMU is no parameter."""
        if self._smmu is None or self._platform != "virt":
            return "none"
        parts = self._smmu.split(",")[1:]
        return ",".join(["v3", *sorted(part for part in parts if not part.startswith("model=") and part != "msi=off")])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.digest() == other.digest()

    def __hash__(self) -> int:
        return hash(self.digest())

    def __repr__(self) -> str:
        words = [repr(self._cpu)] if self._platform == "virt" else [f"platform={self._platform!r}"]
        if self._smmu is not None:
            words.append(f"smmu={self._smmu!r}")
        if self._files:
            words.append(f"files={list(self.files)!r}")
        if self._sets:
            words.append(f"sets={self._sets!r}")
        return f"Config({', '.join(words)})"

    def _repr_html_(self) -> str:
        rows = self.parameters()
        changed = [row for row in rows if not row.is_default]
        return (
            f"<p><code>{html.escape(repr(self))}</code></p>"
            f"{_table(changed)}<details><summary>all {len(rows)} parameters</summary>{_table(rows)}</details>"
        )


def _table(rows: list[Parameter]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("parameter", "value", "unit", "range", "default", "set by", "source"))
    lines = []
    for row in rows:
        cells = (row.key, text(row.value), row.unit, row.range, text(row.default), row.set_by, f"{row.provenance}: {row.source}")
        lines.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _restored(
    cpu: str, platform: str, smmu: Optional[str], files: tuple[_File, ...], sets: Mapping[str, Value]
) -> Config:
    config = Config.__new__(Config)
    config._make(cpu, platform, smmu, files, sets)
    return config


def _read(path: str) -> _File:
    try:
        with open(path, "rb") as file:
            return path, file.read()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        message = getattr(error, "strerror", None) or str(error) or "cannot be read"
        raise ConfigError(f"{path}: {message}", [(path, message, "")]) from None


def _is_unchanged(file: _File) -> bool:
    try:
        with open(file[0], "rb") as now:
            return now.read() == file[1]
    except OSError:
        return False


def _is_of_replays(key: str) -> bool:
    return key.startswith("replay.") or key == "host.replay_shortcuts"


def _text(key: str, value: Any) -> str:
    """As `--set` would be given it. What is no int, bool or str is not taken for one."""
    if not isinstance(key, str):
        raise TypeError(f"keys of parameters are strings, not {key!r}")
    if isinstance(value, (bool, numpy.bool_)):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    try:
        return str(operator.index(value))
    except TypeError:
        message = f"{key}: a whole number, true or false, or a string is needed, not {value!r}"
        raise ConfigError(message, [("", message, key)]) from None


def _smmu_model(platform: str, smmu: Optional[str]) -> Optional[str]:
    """The name of the parameter set. Raises ConfigError for what the option --smmu would not take."""
    if smmu is None or smmu == "v3":
        return None
    head, *parts = smmu.split(",")
    if platform != "virt" or (not parts and head != "v3"):
        return smmu  # a set, or what the table says that is none
    model = None
    for part in parts:
        key, _, value = part.partition("=")
        if head != "v3" or value not in _SMMU_KEYS.get(key, ()):
            choices = ", ".join(f"{known}={' or '.join(values)}" for known, values in _SMMU_KEYS.items())
            raise ConfigError(f'smmu: "{smmu}" is no v3 with keys of {choices}')
        model = value if key == "model" else model
    return model
