"""Of all tests: hypothesis finds the same examples each time, however slow the machine is, and keeps no files; temporary files
are in a folder that no other test looks at, gone when nothing has failed."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from reports import dma, flush, folder, functional, pl330, tagged  # noqa: F401 (fixtures)

settings.register_profile("trapwalk", database=None, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("trapwalk")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Of all that begin at once, pytest's own way to a folder (the next number) lets some fail after ten tries."""
    if config.option.basetemp is None:
        config.option.basetemp = Path(tempfile.mkdtemp(prefix="trapwalk-pytest-")) / "t"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    folder = Path(session.config.option.basetemp).parent
    if exitstatus == 0 and folder.name.startswith("trapwalk-pytest-"):
        shutil.rmtree(folder, ignore_errors=True)
