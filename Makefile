# Needs Python 3.11 or newer and nothing else: what is missing is installed into .venv.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
RUN_READY := .venv/run.ready
DEV_READY := .venv/dev.ready
BENCH_READY := .venv/bench.ready

.PHONY: run test check audit bench screenshots lock clean

run: $(RUN_READY) ## start the bot against the sandbox and print the address of the page
	@exec $(BIN)/shipmate run --sandbox

test: $(DEV_READY) ## run all tests
	@tests/system-packages
	@$(BIN)/pytest -n auto --dist load --maxschedchunk 1

check: $(DEV_READY) ## format, lint, types, import contracts
	@$(BIN)/ruff format --check bot tests benchmarks
	@$(BIN)/ruff check bot tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports

audit: $(DEV_READY) ## ask whether anything that is installed has a known vulnerability
	@$(BIN)/python -m tests.surface.advisories

screenshots: $(DEV_READY) ## take pictures of every state of a card on a phone and a desktop, into test-results/screenshots
	@tests/system-packages
	@$(BIN)/python -m tests.browser.screenshots

bench: $(DEV_READY) $(BENCH_READY) ## print the tables of measured numbers
	@$(BIN)/python -m benchmarks

lock: $(DEV_READY) ## write the locks anew after a change of pyproject.toml
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header pyproject.toml --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev --constraints requirements.lock pyproject.toml --output-file requirements-dev.lock

	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev --extra bench --constraints requirements-dev.lock pyproject.toml \
		--output-file requirements-bench.lock

clean: ## remove what was installed and measured; the sandbox's state in .shipmate stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Shipmate needs Python 3.11 or newer; none was found."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python's venv module is missing (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }

$(RUN_READY): requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Shipmate needs into .venv (once) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_READY): requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the tests need into .venv (once) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(RUN_READY)

$(BENCH_READY): requirements-bench.lock | $(DEV_READY)
	@echo "Installing the peer to measure against into .venv (once) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@
