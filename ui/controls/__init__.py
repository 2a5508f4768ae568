"""The controls: what may be done to a desk from outside, each act with who asked for it in its reason.

Nothing here can loosen anything: no reset, no higher limit, no step towards real money. What trades goes through the
guard's gate like everything else.
"""

from ui.controls.controls import Controls

__all__ = ["Controls"]
