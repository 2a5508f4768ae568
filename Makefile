# What takes longer than a test run. Each line calls a Python module; `./crew test` runs the tests.
PYTHON := .venv/bin/python

.PHONY: bench campaigns conformance mutants

bench:  ## beside peers in environments of their own, CPU time by turns; writes docs/benchmarks.md
	@./crew test --version >/dev/null
	@$(PYTHON) -m benchmarks.peers $(ARGS)

conformance:  ## other makers' programs against the exchange; writes docs/conformance.md
	@./crew test --version >/dev/null
	@$(PYTHON) -m conformance $(ARGS)

campaigns:  ## the guard's campaigns at full size, to be cut and continued at will; writes docs/evidence.md
	@./crew test --version >/dev/null
	@$(PYTHON) -m campaigns $(ARGS)

mutants:  ## faults planted in the guard, and whether the campaigns notice
	@./crew test --version >/dev/null
	@$(PYTHON) -m campaigns.mutants $(ARGS)
