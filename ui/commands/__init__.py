"""The words of `crew`, one module for each group; `ui.cli` puts them together."""
