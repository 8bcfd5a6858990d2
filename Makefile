# Two commands do everything on a fresh machine: `make report` and `make test`.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PEERS  := .venv-peers
MUTANTS := .venv-mutants
SPARK  := .venv-spark
DATA   ?=
ARGS   ?=
SIZE   ?=
# Threads inside a small fit spin while they wait for another's; on a busy machine that takes minutes.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help report test spark test-spark check mutants bench lab lint docs clean lock

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamp is newer than the lock and pyproject, so a second call sets nothing up again.
# Bytecode is compiled here because many containers forbid writing it later; a file that cannot be
# compiled (some packages carry such, as test data) is compiled when it is imported, or never.
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "$(PYTHON) was not found. Install Python 3.11, or name it: make PYTHON=/path/to/python3.11 ..."; \
	  exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@if command -v uv >/dev/null 2>&1; \
	then uv pip sync --python $(BIN)/python --require-hashes requirements.lock; \
	else $(BIN)/pip install --disable-pip-version-check --quiet --no-compile --require-hashes -r requirements.lock; fi
	@if command -v uv >/dev/null 2>&1; \
	then uv pip install --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else $(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .; fi
	-@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 0 $(VENV)/lib src >/dev/null
	@touch $(READY)

report: $(READY) ## run every notebook on the demo market (or DATA=folder) and publish HTML into reports/latest
	$(BIN)/workbench report $(if $(DATA),--data "$(DATA)") $(ARGS)

test: $(READY) ## run the test suite
	$(ONE_THREAD) $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

# Spark has an environment of its own that sees the packages of the first, and adds PySpark by its own lock.
$(SPARK)/.ready: $(READY) requirements-spark.lock
	$(PYTHON) -m venv --clear $(SPARK)
	echo "$(abspath $(VENV))/lib/python3.11/site-packages" > $(SPARK)/lib/python3.11/site-packages/main.pth
	$(SPARK)/bin/pip install --disable-pip-version-check --quiet --no-compile --no-deps --require-hashes -r requirements-spark.lock
	$(SPARK)/bin/pip uninstall --disable-pip-version-check --quiet --yes setuptools  # that of the first builds the package
	$(SPARK)/bin/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $(SPARK)/.ready

spark: $(SPARK)/.ready ## set up PySpark in an environment of its own: .venv-spark/bin/workbench reads tables on Spark

# Two threads of one process, or two workers: more than one process of tests would start as many engines.
test-spark: $(SPARK)/.ready ## run the tests on Spark (needs Java 17 or 21)
	@command -v java >/dev/null 2>&1 || { echo "java was not found; Spark needs Java 17 or 21"; exit 1; }
	$(ONE_THREAD) $(SPARK)/bin/python -m pytest tests/data/spark $(ARGS)

check: $(READY) ## run the long statistical checks (coverage of the known truth over many seeds), then `make mutants`
	$(ONE_THREAD) $(BIN)/python -m pytest -m slow -s $(ARGS)
	$(MAKE) mutants ARGS=

# Mutation testing has an environment of its own that sees the packages of the first.
$(MUTANTS)/.ready: $(READY) tests/mutation/requirements.txt
	$(PYTHON) -m venv --clear $(MUTANTS)
	echo "$(abspath $(VENV))/lib/python3.11/site-packages" > $(MUTANTS)/lib/python3.11/site-packages/main.pth
	$(MUTANTS)/bin/pip install --disable-pip-version-check --quiet -r tests/mutation/requirements.txt
	@touch $(MUTANTS)/.ready

mutants: $(MUTANTS)/.ready ## plant faults in verdicts, bands, floors and intervals, and count those that the tests catch
	rm -rf mutants
	$(ONE_THREAD) $(MUTANTS)/bin/mutmut run $(ARGS) && $(MUTANTS)/bin/python -m tests.mutation

# Other libraries are measured in an environment of their own, so that nothing of ours depends on them.
$(PEERS)/.ready: tests/bench/peers.txt
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/pip install --disable-pip-version-check --quiet -r tests/bench/peers.txt
	@touch $(PEERS)/.ready

bench: $(READY) $(PEERS)/.ready ## print CPU seconds and peak memory of each stage, beside other libraries (SIZE="20000 80000": growth)
	$(ONE_THREAD) $(BIN)/python -m tests.bench --peers $(PEERS)/bin/python $(if $(SIZE),--sizes $(SIZE)) $(ARGS)

lab: $(READY) ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks $(ARGS)

lint: $(READY) ## check style and types
	$(BIN)/ruff check src tests notebooks && $(BIN)/ruff format --check src tests
	$(BIN)/mypy

docs: $(READY) ## write the API reference of methods and helpers into build/docs
	$(BIN)/python -W error::UserWarning -W error::RuntimeWarning -m pdoc --output-directory build/docs methods helpers

lock: $(READY) ## resolve requirements.lock and environment.yml anew (needs uv)
	uv pip compile pyproject.toml --extra test --universal --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	uv pip compile requirements-spark.in --no-deps --universal --generate-hashes --no-emit-index-url --no-header -o requirements-spark.lock
	$(BIN)/python -m helpers.command.environment > environment.yml

clean: ## remove the environment, caches and demo data (reports stay)
	rm -rf $(VENV) $(PEERS) $(MUTANTS) $(SPARK) mutants data/demo data/loaded .pytest_cache .ruff_cache build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
