# Two commands do everything: `make analysis` and `make test`. All set up .venv first.
PYTHON ?= python3
STUDY ?=
.DEFAULT_GOAL := help
.PHONY: analysis test check docs recovery bench help

analysis: .venv/ready  ## run every study in studies/, or one: make analysis STUDY=lq2002
	@.venv/bin/leadership-study run $(STUDY)

test: .venv/ready  ## run the tests
	@.venv/bin/python -m pytest -n 2

check: .venv/ready  ## formatting, lint, types (the import rules are among the tests)
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy
	@.venv/bin/python -m pytest tests/test_architecture.py

docs: .venv/ready  ## write the list of analyses and their options in docs/plan.md again
	@sed '/^### /,$$d' docs/plan.md >docs/plan.new && .venv/bin/leadership-study options --markdown >>docs/plan.new
	@mv docs/plan.new docs/plan.md

recovery: .venv/ready  ## simulate 200 studies, find their population again, write docs/recovery.md (four minutes)
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv/bin/python -m leadership_study.study.recovery

bench: .venv/ready  ## time the package beside R in one run, write docs/benchmarks.md (needs R)
	@.venv/bin/python benchmarks/compare.py

.venv/ready: requirements.lock pyproject.toml setup.sh
	@PYTHON="$(PYTHON)" sh setup.sh

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/make \1\t\2/p' Makefile | expand -t 16
