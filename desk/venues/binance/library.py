"""python-binance's REST half, without the half the guard never uses.

The package file of python-binance imports its async client and every socket class, and with them aiohttp: 0.27 of the
0.75 s of CPU that opening a gateway takes. It is therefore run only when somebody asks the package for one of its
names; whoever imports `binance` elsewhere in the process notices nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from desk.domain.errors import PrerequisiteError


def rest_client() -> ModuleType:
    """The module `binance.client`.

    Raises:
        PrerequisiteError: when python-binance is not installed.
    """
    if "binance" not in sys.modules:
        sys.modules["binance"] = _lazy_package("binance")
    return import_module("binance.client")


def _lazy_package(name: str) -> ModuleType:
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise PrerequisiteError("python-binance is not installed", hint="set the project up again")
    package, loader = module_from_spec(spec), spec.loader

    def complete(attribute: str) -> object:
        # Called for a name the package does not have yet (PEP 562): now its own file is run after all.
        vars(package).pop("__getattr__", None)
        loader.exec_module(package)
        return getattr(package, attribute)

    vars(package)["__getattr__"] = complete
    return package
