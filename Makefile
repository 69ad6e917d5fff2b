# Everything a developer or a curious reader does here. Needs Python 3.11 or
# newer (with venv) and make; the rest is installed from the locks into .venv.
#
# Works with GNU make 3.81 (macOS) and paths with spaces: every path is relative.

# Overridable:   make demo PORT=9000      make test PYTEST='-k storage -x'
#                make bench POSTS=2000    make PYTHON=/opt/python3.13/bin/python3
PYTHON =
PORT =
PYTEST =
TEST_WORKERS = 2
POSTS = 10000 50000
BLOGS =
READ_POSTS = 100000
SOAK_SECONDS = 75

SHELL = /bin/sh
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-warn-script-location
# The environment's pip is the locked one; a new environment's is whatever Python ships.
PIP_INTO_SMOKE = $(BIN)/python -m pip --python .smoke/venv/bin/python install \
	--quiet --quiet --disable-pip-version-check
LOCKED = $(PIP) --require-hashes
# Our packages join the environment as links, so edits count without reinstalling.
OURSELVES = $(PIP) --no-deps --no-build-isolation --editable .

export PIP_ROOT_USER_ACTION = ignore

# `make` alone runs every check there is.
.DEFAULT_GOAL = test
.PHONY: help demo test test-faults test-wordpress lint format bench bench-relevance smoke lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## */\1|/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-15s %s\n' "$$name" "$$text"; done

demo: .venv/.runtime  ## train on the bundled blog and serve it; PORT=8000
	@exec $(BIN)/python examples/demo.py $(if $(PORT),--port $(PORT))

test: lint  ## lint, then every test
	@echo 'tests'
	@$(BIN)/python -m pytest --quiet -n $(TEST_WORKERS) --dist loadfile $(PYTEST)

test-faults: .venv/.dev  ## break everything off at every call, for an hour or more; PYTEST='-k worker'
	@RELATED_POSTS_TEST_EVERY_FAULT=1 $(BIN)/python -m pytest --quiet -n $(TEST_WORKERS) \
		tests/training/test_crash_safety.py tests/test_bad_disk.py $(PYTEST)

test-wordpress: .venv/.dev  ## a real WordPress: read it, run our plugin in it; installs one where apt is
	@tests/wordpress/install.sh
	@$(BIN)/python -m pytest --quiet tests/wordpress $(PYTEST)

lint: .venv/.dev  ## ruff, its formatter and mypy; nothing is changed
	@echo 'lint'
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m ruff format --quiet --check . || { \
		echo 'not formatted; `make format` does it' >&2; exit 1; }
	@$(BIN)/python -m mypy --no-error-summary

format: .venv/.dev  ## format, and mend what ruff can mend
	@$(BIN)/python -m ruff check --quiet --fix . || true
	@$(BIN)/python -m ruff format .

bench: .venv/.dev  ## the benchmarks; POSTS='10000 50000' READ_POSTS=100000 SOAK_SECONDS=75
	@$(BIN)/python benchmarks/train.py --posts $(POSTS)
	@$(BIN)/python benchmarks/neighbours.py --posts $(POSTS)
	@$(BIN)/python benchmarks/update.py --posts $(firstword $(POSTS))
	@$(BIN)/python benchmarks/read.py --posts $(READ_POSTS)
	@$(BIN)/python benchmarks/serve.py --posts $(lastword $(POSTS))
	@$(BIN)/python benchmarks/answers.py --posts $(lastword $(POSTS))
	@$(BIN)/python benchmarks/widget.py
	@$(BIN)/python benchmarks/wordpress.py
	@$(BIN)/python benchmarks/lee.py
	@$(BIN)/python benchmarks/soak.py --seconds $(SOAK_SECONDS)

bench-relevance: .venv/.dev  ## what each step of the ranking is worth; BLOGS=folder
	@test -n '$(BLOGS)' || { \
		echo 'make bench-relevance needs BLOGS=, a folder of blogs: see docs/relevance.md' >&2; exit 1; }
	@$(BIN)/python benchmarks/relevance.py --blogs '$(BLOGS)' --write

smoke: .venv/.runtime  ## the built wheel, with runtime dependencies only, end to end
	@rm -rf .smoke && mkdir .smoke
	@echo 'installing the wheel beside the locked runtime dependencies'
	@$(BIN)/python -m hatchling build -t wheel -d .smoke >/dev/null
	@$(BIN)/python -m venv .smoke/venv
	@$(PIP_INTO_SMOKE) --require-hashes -r requirements/runtime.txt
	@$(PIP_INTO_SMOKE) --no-deps --no-index .smoke/*.whl
	@cd .smoke && venv/bin/related-posts --version
	@cd .smoke && venv/bin/related-posts train ../examples/blog --data data
	@cd .smoke && venv/bin/related-posts export --data data --out related.jsonl
	@rm -rf .smoke
	@echo 'the wheel works on its own'

lock:  ## resolve requirements/ anew (needs uv); UPGRADE=1 for newer versions
	@command -v $(UV) >/dev/null 2>&1 || { \
		echo 'make lock needs uv: install it, or name it with UV=' >&2; exit 1; }
	@$(COMPILE) pyproject.toml --all-extras --group dev $(if $(UPGRADE),--upgrade) -o requirements/dev.txt
	@cp requirements/dev.txt requirements/runtime.txt
	@cp requirements/dev.txt requirements/build.txt
	@$(COMPILE) pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) --group pyproject.toml:build -o requirements/build.txt
	@echo 'locked; `make test` installs and checks it'

# The parts keep the versions of the whole: a lock that exists is what uv prefers.
# Neither an index nor a path of this machine goes into a lock.
UV = uv
UPGRADE =
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock'

clean:  ## remove the environment and every scratch folder
	@rm -rf .venv .demo .smoke .bench dist build .coverage htmlcov \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment; stamps are renewed when a lock or pyproject.toml changes ---

.venv/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | .venv/bin/python
	@echo 'installing the locked runtime dependencies into .venv'
	@$(LOCKED) -r requirements/build.txt
	@$(LOCKED) -r requirements/runtime.txt
	@$(OURSELVES)
	@touch $@

.venv/.dev: requirements/dev.txt pyproject.toml | .venv/bin/python
	@echo 'installing the locked development dependencies into .venv'
	@$(LOCKED) -r requirements/build.txt
	@$(LOCKED) -r requirements/dev.txt
	@$(OURSELVES)
	@touch $@

# ensurepip is what Debian and Ubuntu leave out of python3 itself.
CANDIDATES = $(if $(PYTHON),'$(PYTHON)',python3.14 python3.13 python3.12 python3.11 python3 python)
USABLE = import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
.venv/bin/python:
	@for candidate in $(CANDIDATES); do \
		if "$$candidate" -I -c '$(USABLE)' >/dev/null 2>&1; then \
			echo "making .venv with $$("$$candidate" --version)"; \
			exec "$$candidate" -m venv .venv; \
		fi; \
	done; \
	echo 'no usable Python: install Python 3.11 or newer with its venv module' \
		'(Debian and Ubuntu: apt install python3-venv), or name one with PYTHON=' >&2; \
	exit 1
