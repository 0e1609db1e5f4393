"""Operation declarations, one family per file. Importing this package registers them all."""

from importlib import import_module
from pkgutil import iter_modules

from .registry import OpDef, all_ops, lookup

for _module in iter_modules(__path__):
    import_module(f".{_module.name}", __name__)

__all__ = ["OpDef", "all_ops", "lookup"]
