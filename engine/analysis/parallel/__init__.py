"""One search on several processes, or on the machines of a Dask cluster."""

from .division import Division
from .workforce import ClusterError

__all__ = ["ClusterError", "Division"]
