"""Of all tests: hypothesis finds the same examples each time, and keeps no files."""

from hypothesis import settings
from reports import dma, flush, folder, functional, tagged  # noqa: F401 (fixtures)

settings.register_profile("trapwalk", database=None, deadline=None, derandomize=True)
settings.load_profile("trapwalk")
