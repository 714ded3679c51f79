# The only door: what is red in CI is red at home by the same command.
# `make` alone lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

# Pass these on the command line, as in `make run PORT=5001`.
HOST ?= 127.0.0.1
PORT ?= 5000
DATA ?= data
ARGS ?=
TESTS ?=
PROFILE ?= dev

export HOST PORT DATA ARGS
CARGO_FLAGS := --locked
PYTHON := .rig/mlflow-3.18.0/bin/python
say = printf '\n==> %s\n'

.PHONY: help run release test check unit e2e image chart bench advisories tools clean

help: ## List the targets
	@echo 'make TARGET, where TARGET is one of:'
	grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/  \1\t\2/' | expand -t 14

run: ## Build what is missing and serve on 127.0.0.1:5000, data in ./data (HOST= PORT= DATA= ARGS=)
	@tools/run.sh

release: tools ## Build the optimised program, target/release/tracklet (about ten minutes of processor time)
	@$(say) 'Building the release: optimised as a whole, which takes about ten minutes on one core'
	cargo build $(CARGO_FLAGS) --release --bin tracklet
	ls -lh target/release/tracklet

test: tools ## Everything: check, Rust tests, and real clients against real servers; sets up what it needs
	@$(say) 'What make e2e needs (lines that begin with [rig]), while Rust is compiled'
	tests/e2e/setup.sh &
	$(MAKE) check unit
	wait $$!
	$(MAKE) e2e
	if [ "$$(id -u)" -eq 0 ]; then $(MAKE) image; else $(say) 'The image is left out: make image needs root'; fi
	$(say) 'All tests passed'

check: tools ## The fast part: formatting, lints, documentation, licences
	@$(say) 'Formatting'
	cargo fmt --check
	$(say) 'Lints (the first time compiles the dependencies, which takes minutes)'
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings
	$(say) 'Documentation'
	RUSTDOCFLAGS='-D warnings' cargo doc $(CARGO_FLAGS) --no-deps
	$(say) 'Licences of the dependencies, and the layers of ARCHITECTURE.md'
	cargo test $(CARGO_FLAGS) --test main house

unit: tools ## The Rust tests (TESTS= chooses some by name)
	@$(say) 'Rust tests'
	cargo test $(CARGO_FLAGS) $(TESTS)

e2e: tools ## MLflow's clients and server against this one (TESTS= is passed to pytest)
	@$(say) 'Building the server under test'
	cargo build $(CARGO_FLAGS) --bin tracklet
	$(say) 'PostgreSQL, and Python environments in .rig (the first time downloads about 2 GB, 3 on disk)'
	tests/e2e/setup.sh
	$(say) 'End-to-end tests'
	PYTHONPATH= PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest -n 2 -c tests/e2e/pytest.ini --rootdir tests/e2e --ignore tests/e2e/image $(or $(TESTS),tests/e2e)

image: tools ## The container image, put together in target/image and run in real containers (root; PROFILE=release for the real one)
	@tests/e2e/setup.sh image
	$(say) 'The files of the image, with a static program'
	PROFILE=$(PROFILE) docker/rootfs.sh --ui .rig/wheels/mlflow-3.18.0-py3-none-any.whl target/image
	$(say) 'Tests of the image'
	PYTHONPATH= PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest -c tests/e2e/pytest.ini --rootdir tests/e2e $(or $(TESTS),tests/e2e/image)

chart: ## Write what the Helm chart repeats: its schema, its README's table, the dashboard
	@tests/e2e/setup.sh chart
	.rig/chart/bin/python tools/chart.py

bench: release ## Speed and memory beside MLflow's and FastTrackML's, side by side (ARGS="search start": some parts)
	@$(say) 'Benchmarks'
	benches/run.sh $(ARGS)

advisories: ## Known vulnerabilities in the dependencies, licences again, by cargo-deny (needs a network)
	@command -v cargo-deny >/dev/null || { echo 'cargo-deny is missing. Install it:   cargo install --locked cargo-deny' >&2; exit 1; }
	cargo deny check

# What a build needs beyond Rust; installed on Debian by root, named exactly for everybody else.
tools:
	@tools/rust.sh
	tests/e2e/setup.sh system

clean: ## Remove what was built and the test environments; ./data stays
	@cargo clean
	rm -rf .rig
