"""What the operator sets: YAML files, read by a loader that would rather stop the desk than guess."""

from config.live import missing_opt_ins, require_opt_ins
from config.loader import DeskConfig, Setting, load_desk, profiles

__all__ = ["DeskConfig", "Setting", "load_desk", "missing_opt_ins", "profiles", "require_opt_ins"]
