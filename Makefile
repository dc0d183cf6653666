# `make` alone lists what there is. `make demo` and `make test` need nothing but Debian 12 or newer,
# Ubuntu 22.04 or newer, or their like; each installs what is lacking into .venv.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

BIN := .venv/bin
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header
# More than cores: tests of processes that restart and reconnect mostly wait.
PYTEST_WORKERS ?= 3
# Tests write much that nobody keeps: in memory, where there is room for it, in a third of the time.
ROOMY := $(shell [ "$$(df --output=avail /dev/shm 2>/dev/null | tail -1)" -ge 6000000 ] 2>/dev/null \
	&& echo /dev/shm)
PYTEST := $(if $(ROOMY),TMPDIR=$(ROOMY) )$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadscope --no-loadscope-reorder
# Workers are processes: libraries that start a thread for each core only get in each other's way.
test test-fast test-faults test-making: export OMP_NUM_THREADS = 1

# A benchmark says in its first line how it is run.
BENCHMARKS = $(sort $(shell sed -sn '1s/.*`make bench-\([a-z-]*\)`.*/\1/p' tests/bench/*.py))

DEMO := $(if $(ONCE),--once) $(foreach clip,$(VIDEO),--video '$(clip)') \
	$(if $(CAMERAS),--cameras '$(CAMERAS)')

.PHONY: help demo test test-fast test-faults test-making soak lint format console openapi screenshot stack-up stack-down lock clean dev

help: ## Show this list
	@grep -E '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.*## (.*)/  make \1\t\2/' \
		| expand -t 22

demo: console ## The whole path on real video; ONCE=1, VIDEO="a.mp4 b.mp4", CAMERAS=places.geojson
	@deploy/bootstrap.sh demo
	@$(BIN)/dongseon demo $(DEMO)

test: dev console lint ## Everything that must hold before a change goes in
	@$(BIN)/dongseon stack install --tests
	$(PYTEST) -m "not faults and not making"

test-faults: dev ## Long proofs of what happens when things break (an hour); figures go to bench-out/
	@$(BIN)/dongseon stack install --tests
	@mkdir -p bench-out
	$(BIN)/python -m pytest -v -m faults tests
	@cat bench-out/faults.json

test-making: dev ## Of how models are trained, quantised, compared, and learn from a site
	$(PYTEST) -m "making and not faults"

test-fast: dev ## Tests that need no servers, weights or browser
	$(PYTEST) -m "not stack and not models and not slow and not browser and not faults"

lint: dev ## ruff, mypy --strict (the import rules are a test)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: dev ## Write every file as ruff would
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

console: ## Build the page of the centre
	@deploy/build-console.sh

openapi: dev ## Renew docs/openapi.json after a change of the API
	$(BIN)/dongseon central openapi > docs/openapi.json

screenshot: dev console ## Renew the picture of the page in the README, on the demo's real video
	DONGSEON_SCREENSHOT=docs/images/console.png $(BIN)/python -m pytest tests/integration -k page

stack-up: dev ## Start the private broker and database of this machine
	@$(BIN)/dongseon stack up

stack-down: dev ## End them
	@$(BIN)/dongseon stack down

bench-%: dev ## One benchmark of tests/bench/, e.g. `make bench-ingest`; figures go to bench-out/
	@test -n "$(filter $*,$(BENCHMARKS))" \
		|| { echo "no benchmark '$*'; there are: $(BENCHMARKS)" >&2; exit 2; }
	@mkdir -p bench-out
	@deploy/bootstrap.sh bench trackeval
	$(BIN)/python -m tests.bench.$(subst -,_,$*) > bench-out/$*.json
	@cat bench-out/$*.json

soak: dev ## Whether an agent's memory grows, in HOURS=24 simulated; MODELS=quick or starter
	@mkdir -p bench-out
	$(BIN)/python -m tests.bench.soak --hours $(or $(HOURS),24) --models $(or $(MODELS),quick) \
		> bench-out/soak.json
	@cat bench-out/soak.json

lock: ## Renew requirements/*.txt (needs uv)
	for extra in dev edge central; do \
		$(LOCK) pyproject.toml --extra $$extra -o requirements/$$extra.txt || exit 1; \
	done
	$(LOCK) pyproject.toml --extra edge --extra central -c requirements/dev.txt \
		-o requirements/demo.txt
	$(LOCK) pyproject.toml --extra bench -c requirements/dev.txt -o requirements/bench.txt
	$(LOCK) requirements/build.in -o requirements/build.txt
	$(LOCK) requirements/node.in -o requirements/node.txt

clean: ## Remove what was built and measured; .venv, caches of clips and weights stay
	rm -rf demo-out bench-out build *.egg-info central/console/dist central/console/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

dev:
	@deploy/bootstrap.sh dev train
