# Three commands for people: `make lab`, `make check` (a minute) and `make test` (everything). The rest is for those who
# change the course.
# The README gives the same steps in plain pip lines for Windows.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8888
ARGS   ?=
# Servers and browsers mostly wait, so two cores have work enough for four processes.
JOBS   ?= 4
BIN    := $(VENV)/bin
UV_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
           --no-emit-index-url --no-emit-find-links --no-strip-extras --custom-compile-command "make lock"

QUICK := $(addprefix tests/,case ledger weighing methods charts publishing checks widgets) \
         $(patsubst %,tests/test_%.py,exercises imports maintainers_pages pictures reading repository upstream_list verbs)

# Hundreds of processes start in the tests. Without compiled files each would compile the course and the tests anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help lab check test lint types contracts quick format release answers attacks short times seconds slides site commands launch pictures pythons lock bench clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1 — \2/'

lab: $(VENV)/.lab-ready ## Install if needed, then open JupyterLab at lesson 00 (ARGS="--no-browser", PORT=9999)
	@$(BIN)/course lab --port $(PORT) $(ARGS)

check: $(VENV)/.check-ready ## Check format, lint, types, imports, core and widgets in a minute, from pip alone
	@$(MAKE) --no-print-directory --jobs=2 ARGS= types quick lint contracts $(if $(shell command -v npm),javascript)

test: $(VENV)/.test-ready ## Run all checks and all tests (ARGS="--cov", ARGS="tests/case -x", JOBS=2)
	@$(MAKE) --no-print-directory --jobs=2 ARGS= types lint contracts javascript
	@$(BIN)/python -m pytest --numprocesses=$(JOBS) --durations=10 $(ARGS)

lint: $(VENV)/.check-ready
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(VENV)/.check-ready
	@$(BIN)/mypy

contracts: $(VENV)/.check-ready
	@$(BIN)/lint-imports

# What needs no server, no kernel, no browser and no nbgrader: the core, the widgets, the examples in docstrings, the
# texts.
quick: $(VENV)/.check-ready
	@$(BIN)/python -m pytest --quiet --numprocesses=2 -m "not browser and not nbgrader" course $(QUICK) \
		--ignore=tests/checks/test_run_in_process.py --ignore=tests/checks/test_in_notebook.py

format: $(VENV)/.check-ready ## Format and lint code and notebooks
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

release: $(VENV)/.check-ready ## Make exercises/ from solutions/
	@$(BIN)/python -m course.classroom.gradebook.release

answers: $(VENV)/.test-ready ## Try every answer to every exercise and print one table (ARGS="05 06")
	@$(BIN)/python -m tests.answers $(ARGS)

attacks: $(VENV)/.test-ready ## Let every attack on the grading be tried in one class and print what came of it (ARGS="file")
	@$(BIN)/python -m tests.hostile $(ARGS)

short: $(VENV)/.check-ready ## Write the short course, notebooks/short/, from the lessons
	@$(BIN)/python -m tests.short_course

times: $(VENV)/.test-ready ## Print how many minutes each lesson and exercise takes a learner, computed from its cells
	@$(BIN)/python -m benchmarks.minutes

seconds: $(VENV)/.test-ready ## Run every notebook top to bottom and print its seconds (ARGS="05 06")
	@$(BIN)/python benchmarks/whole_course.py $(ARGS)

slides: $(VENV)/.lab-ready ## Make slides from the lessons, into build/slides (ARGS="05 06")
	@$(BIN)/python -m course.classroom.site.slides $(ARGS)

site: $(VENV)/.test-ready ## Build the course's website, with JupyterLab for the browser alone, into build/site
	@$(BIN)/python -m course.classroom.site $(ARGS)

commands: $(VENV)/.test-ready ## Write docs/commands.md from the help texts of the course command
	@$(BIN)/python -m typer course.cli utils docs --name course --output docs/commands.md

launch: $(VENV)/.test-ready ## Write the README's table of lessons, with Binder's links once docs/site.toml says where the course is kept
	@$(BIN)/python -m course.classroom.site.readme

pictures: $(VENV)/.test-ready ## Take the pictures of docs/pictures/ anew
	@$(BIN)/python -m tests.screenshots

pythons: $(VENV)/.test-ready ## Install the wheel in an empty environment of every Python there is, and try it
	@$(BIN)/python -m tests.wheel

bench: $(VENV)/.test-ready ## Run the benchmarks; each prints a ratio
	@for file in $$(grep -l __main__ benchmarks/*.py); do echo "== $$file"; $(BIN)/python $$file || exit 1; done

lock: $(VENV)/.test-ready ## Write every lock anew: the course's, the tests', Binder's and those of deploy/
	@$(UV_LOCK) --extra checkout pyproject.toml --output-file requirements.lock
	@$(UV_LOCK) --extra checkout --extra dev --constraint requirements.lock --override deploy/overrides.txt \
		pyproject.toml tests/deploy/requirements.in --output-file requirements-dev.lock
	@cp requirements.lock .binder/requirements.txt
	@$(UV_LOCK) --constraint requirements.lock --override deploy/overrides.txt \
		deploy/requirements.in --output-file deploy/requirements.lock
	@$(UV_LOCK) deploy/ngshare/requirements.in --output-file deploy/ngshare/requirements.lock

clean: ## Remove the environment and caches (never a ledger, never a submission)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist test-results

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("The course needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make lab PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@echo "Making the environment $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make environments. On Debian or Ubuntu: sudo apt install python3-venv, then run make again."; rm -rf $(VENV); exit 1; }

# Every pin is in the lock with its hash, so pip has nothing to resolve: --no-deps. The course itself is installed in place.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps

# A stamp remembers what is installed, so a second call installs nothing.
$(VENV)/.lab-ready: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the course from requirements.lock (a minute or two, once) …"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(BIN)/python $(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/.check-ready: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the checks need from requirements-dev.lock …"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@$(BIN)/python $(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@ $(VENV)/.lab-ready

# Beyond pip: an environment of its own for ngshare, and Pyodide from npm.
$(VENV)/.test-ready: $(VENV)/.check-ready deploy/ngshare/requirements.lock
	@echo "Installing what only the slow tests need …"
	@$(BIN)/python -m venv $(VENV)/ngshare
	@$(VENV)/ngshare/bin/python $(PIP_INSTALL) --require-hashes -r deploy/ngshare/requirements.lock
	@$(BIN)/python -m course.classroom.lite --fetch
	@touch $@

# Biome and TypeScript come from npm, pinned with their hashes; neither asks the network for anything when it runs.
.PHONY: javascript
javascript: node_modules/.ready ## Check format, lint and types of JavaScript and CSS with Node (ARGS=--write repairs format)
	@node_modules/.bin/biome check --error-on-warnings $(ARGS)
	@node_modules/.bin/tsc

node_modules/.ready: package.json package-lock.json .npmrc
	@echo "Installing what checks the JavaScript …"
	@npm ci --silent
	@touch $@
