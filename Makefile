# The commands of this repository. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := $(shell node -e 'const [a, b] = process.versions.node.split("."); if (a > 20 || (a == 20 && b >= 19)) console.log("yes")' 2>/dev/null)
REDIS := $(shell command -v redis-server 2>/dev/null)
VERSION := $(shell cat VERSION)
DISTRIBUTIONS := -e ./sdk -e ./cli -e ./services$(if $(REDIS),,[embedded])
NO_NODE := @echo "gui-tests skipped: Node.js 20.19 or newer is missing."$(if $(CI),; exit 1)
DEVENV := docker compose --project-name atlas-dev -f docker-compose.yml -f docker-compose.dev.yml
GUI_SOURCES := $(shell find gui docs -type f -not -path '*/node_modules/*' -not -path 'gui/dist/*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help audit quickstart test lint unit-tests contract-tests integration-tests e2e-tests gui gui-tests bench docs clean stop \
        openapi worker-image images devenv-start devenv-stop compose-login-test

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

quickstart: $(VENV)/.installed $(VENV)/.sample gui ## start Atlas, train the sample project as a job, and show where to look
	@$(BIN)/atlas-server quickstart

stop: ## stop what quickstart started
	@$(BIN)/atlas-server stop

test: lint unit-tests contract-tests integration-tests gui-tests e2e-tests ## everything that must hold before a commit

lint: $(VENV)/.developer ## style, formatting, types, and the rules of who may import whom
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy sdk cli services tests
	$(BIN)/lint-imports --no-logo

unit-tests: $(VENV)/.developer ## fast tests of single modules
	$(BIN)/pytest -n auto tests/unit tests/architecture

contract-tests: $(VENV)/.developer ## routes, JSON and messages that clients rely on
	$(BIN)/pytest -n auto tests/contract

integration-tests: $(VENV)/.developer gui ## the whole stack, with real processes, and with real containers where Docker answers
	@! docker info >/dev/null 2>&1 || $(MAKE) --no-print-directory worker-image
	$(BIN)/pytest -n 2 --dist loadfile tests/integration

compose-login-test: $(VENV)/.developer worker-image ## Compose with a login, from first start to a job: five minutes where no images are there
	ATLAS_TEST_COMPOSE_LOGIN=1 $(BIN)/pytest tests/integration/test_compose_login.py

e2e-tests: $(VENV)/.developer gui ## the web page in a real browser, over a real stack
	$(BIN)/pytest tests/e2e

gui-tests: $(if $(NODE),gui/node_modules/.installed) ## the web page: style, types, tests
	$(if $(NODE),cd gui && npm run --silent lint && npm run --silent typecheck && npm test --silent,$(NO_NODE))

gui: $(if $(NODE),gui/dist/index.html) ## build the web page, where Node.js is present

worker-image: ## build the image in which jobs run
	@docker build --quiet -f services/atlas_services/worker/Dockerfile -t atlas-worker:$(VERSION) -t atlas-worker:latest .

images: ## build the images of the services and of jobs
	@docker compose build --quiet

devenv-start: ## run the services in containers that follow the sources, the page on port 3000
	@$(DEVENV) up --detach --build --wait

devenv-stop: ## stop what devenv-start started; its data stays
	@$(DEVENV) down --remove-orphans

audit: $(VENV)/.developer ## look for known weaknesses in what Atlas depends on
	@$(BIN)/uv pip install --quiet --python $(VENV) pip-audit && $(BIN)/python -m tests.dependency_audit

openapi: $(VENV)/.developer $(if $(NODE),gui/node_modules/.installed) ## write the document of the routes, and the types that the web page takes from it
	@$(BIN)/python -m tests.api_document >gui/openapi.json
	$(if $(NODE),@cd gui && npm run --silent types)

bench: $(VENV)/.developer ## measure against the budgets
	$(BIN)/python -m tests.benchmarks

docs: $(VENV)/.installed ## build the documentation into site/
	@$(BIN)/uv pip install --quiet --python $(VENV) -r docs/requirements.txt
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet && echo "Built: site/index.html"

clean: ## remove what the commands above made
	rm -rf $(VENV) gui/node_modules gui/dist gui/build.log site .mypy_cache .ruff_cache .pytest_cache

gui/dist/index.html: gui/node_modules/.installed $(GUI_SOURCES)
	@cd gui && npm run --silent build >build.log 2>&1 || { cat build.log; exit 1; }

gui/node_modules/.installed: gui/package-lock.json
	@echo "Setting up the web page in gui (once)."
	@cd gui && npm ci --loglevel=error --no-audit --no-fund >/dev/null && touch node_modules/.installed

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("Atlas needs Python 3.10 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 quickstart") if sys.version_info < (3, 10) else None'
	@echo "Setting up the Python environment in $(VENV) (once)."
	@$(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet --disable-pip-version-check uv

$(VENV)/.installed: $(BIN)/uv sdk/pyproject.toml cli/pyproject.toml services/pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(VENV) $(DISTRIBUTIONS) && touch $@

# What the sample project needs, so that `python main.py` runs here too.
SAMPLE := cli/atlas_cli/templates/project/requirements.txt
$(VENV)/.sample: $(VENV)/.installed $(SAMPLE)
	@$(BIN)/uv pip install --quiet --python $(VENV) -r $(SAMPLE) && touch $@

$(VENV)/.developer: $(VENV)/.sample requirements_dev.txt
	@$(BIN)/uv pip install --quiet --python $(VENV) -r requirements_dev.txt && touch $@
