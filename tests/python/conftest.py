"""Of all tests: hypothesis finds the same examples each time, however slow the machine is, and keeps no files."""

from hypothesis import HealthCheck, settings
from reports import dma, flush, folder, functional, tagged  # noqa: F401 (fixtures)

settings.register_profile("trapwalk", database=None, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("trapwalk")
