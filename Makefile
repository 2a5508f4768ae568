# What takes longer than a test run. Each line calls a Python module; `./crew test` runs the tests.
PYTHON := .venv/bin/python

.PHONY: conformance

conformance:  ## other makers' programs against the exchange; writes docs/conformance.md
	@./crew test --version >/dev/null
	@$(PYTHON) -m conformance $(ARGS)
