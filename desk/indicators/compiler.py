"""The compiler without scipy and cffi: no loop here multiplies matrices or calls C.

Loading them took a third of the time that passes before a compiled loop's first step. Import this late: what is left
still takes most of a second.
"""

from __future__ import annotations

from desk.indicators.absent import absent

with absent("scipy", "cffi"):
    from numba import njit
    from numba.core.typing import cffi_utils
    from numba.np import arraymath

# Where they looked for what is absent, and found nothing.
_LOOKED = (cffi_utils, arraymath)

__all__ = ["njit"]
