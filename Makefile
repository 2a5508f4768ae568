# What takes longer than a test run. Each line calls a Python module; `./crew test` runs the tests.
PYTHON := .venv/bin/python

.PHONY: bench campaigns conformance day docs mutants scale

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

docs:  ## the site of docs/, with the reference made from the code, into site/
	@./crew test --version >/dev/null
	@$(PYTHON) -m mkdocs build

day:  ## a day of the whole desk in ten minutes, judged; writes docs/day.md
	@./crew test --version >/dev/null
	@$(PYTHON) -m benchmarks.day $(ARGS)

scale:  ## what one core carries, and what breaks first; writes docs/scale.md
	@./crew test --version >/dev/null
	@$(PYTHON) -m benchmarks.scale $(ARGS)
