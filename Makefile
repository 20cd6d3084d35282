# Two commands for everybody: make book, make test. `make help` lists the others.
# Needs only Python 3.11-3.13, make and git; everything else goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
INSTALLED := $(VENV)/installed
SITE := _build/html
EMBED := .venv-embed
TORCH := torch==2.13.0
PORT := 8000
SEED = $(shell date +%y%m%d)

# The first of these that runs, is a Python 3.11-3.13 and can make environments.
PYTHONS := $(PYTHON) python3 python3.13 python3.12 python3.11
SUITABLE := import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
INSTALL := $(PY) -m pip --quiet --disable-pip-version-check install --no-compile

# Without cached bytecode every kernel and every worker compiles all its imports anew.
export PYTHONDONTWRITEBYTECODE :=

# Our matrices are small: threads of the linear algebra would mostly wait for each other.
book test notebooks results studies replications: export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help setup lock book links serve lab notebooks test lint format results studies replications embeddings benchmarks picture clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s%s\n", $$1, $$2}' Makefile

# ---------------------------------------------------------------- environment
setup: $(INSTALLED) ## make .venv and install the locked versions

$(INSTALLED): requirements.txt pyproject.toml
	@$(PY) -c '' 2>/dev/null || { \
	  for python in $(PYTHONS); do \
	    if $$python -c '$(SUITABLE)' 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "No Python 3.11, 3.12 or 3.13 found. Install one, or name one: make PYTHON=... book" >&2; \
	    exit 1; \
	  fi; \
	  echo "Making $(VENV) with $$($$found --version). Installing takes a minute or two."; \
	  $$found -m venv --clear $(VENV); \
	}
	@$(INSTALL) --no-deps -r requirements.txt -e .
	@touch $@

ifeq ($(realpath $(PY)),) # also where .venv points at a Python that is gone
.PHONY: $(INSTALLED)
endif

lock: $(INSTALLED) ## resolve requirements.txt anew from pyproject.toml
	@$(INSTALL) uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --fork-strategy fewest --extra lab --extra book --extra test --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.txt

# ----------------------------------------------------------------------- book
book: $(INSTALLED) ## build the course as web pages
	$(BIN)/jupyter-book build book -n -W --keep-going
	@echo "The course is built. Open $(CURDIR)/$(SITE)/index.html, or run: make serve"

links: $(INSTALLED) ## follow every link of the course
	$(BIN)/jupyter-book build book --builder linkcheck

serve: ## show the built course at http://localhost:8000 (or PORT=...)
	@test -f $(SITE)/index.html || { echo "Nothing is built yet. First run: make book" >&2; exit 1; }
	$(PY) -m http.server --directory $(SITE) --bind localhost $(PORT)

lab: $(INSTALLED) ## open the chapters in JupyterLab (more options: LAB=...)
	$(BIN)/jupyter lab --notebook-dir=book $(LAB)

notebooks: $(INSTALLED) ## run all chapters anew and normalize what is stored
	$(PY) -m collapse_lab.notebooks normalize --execute book

# ---------------------------------------------------------------------- tests
test: lint book ## check everything: style, types, package, notebooks, built pages
	COLLAPSE_LAB_SITE=$(CURDIR)/$(SITE) $(PY) -m pytest -n 2 --dist loadfile

lint: $(INSTALLED) ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(INSTALLED) ## mend the style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

results: $(INSTALLED) ## measure all published results anew
	$(PY) -m collapse_lab.results

studies: $(INSTALLED) ## run the studies whose code has changed; minutes each
	$(PY) -m collapse_lab.studies

replications: $(INSTALLED) ## run all studies with another seed and compare (or SEED=...)
	$(PY) -m collapse_lab.studies --replicate $(SEED)

# torch comes first and by itself: any build does, and that for the CPU is the smallest (TORCH=...)
embeddings: $(INSTALLED) ## embed the texts of chapter 12 anew and compare; a GB or more, minutes
	@test -x $(EMBED)/bin/python || $(PY) -m venv $(EMBED)
	@$(EMBED)/bin/python -m pip --quiet --disable-pip-version-check install $(TORCH)
	@$(EMBED)/bin/python -m pip --quiet --disable-pip-version-check install -e '.[embed]'
	$(EMBED)/bin/python -m collapse_lab.embeddings $(WRITE)

benchmarks: $(INSTALLED) ## time the engine against bare drawing and a textbook loop
	$(PY) -m pytest -q --benchmark-timer=time.process_time tests/benchmarks/bench_*.py

picture: $(INSTALLED) ## draw the picture of the README
	$(PY) .github/picture.py

clean: ## remove .venv and everything that was built
	rm -rf $(VENV) $(EMBED) _build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find collapse_lab tests book -name __pycache__ -type d -prune -exec rm -rf {} +
