# The one door. `make` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# PACKAGES=no leaves the machine's packages alone.
PACKAGES ?= yes
# Longer than all tests together take; what hangs is killed.
TEST_LIMIT ?= 30m
# Lints while compiling, so that the tests' dependencies are compiled once and not twice.
LINTING := RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/scripts/rustc-with-lints
ICEFLIX := target/release/iceflix

.PHONY: help up run-icestorm build test lint audit fuzz bench bench-control bench-streaming bench-ice doc packages clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build ## run the whole platform on this machine: make up [DIRS="films more-films"]
	@exec $(ICEFLIX) up $(DIRS)

run-icestorm: build ## run the broker alone, for services started by hand
	@exec $(ICEFLIX) icestorm --Ice.Config=config/icestorm.conf

build: packages ## build the release
	@cargo build --release --locked -p iceflix

test: packages ## everything that has to pass: format, lints, all tests
	@cargo fmt --all --check
	@$(LINTING) cargo test --workspace --all-targets --locked --no-run
	@$(LINTING) timeout --kill-after=10s $(TEST_LIMIT) cargo test --workspace --locked

lint: packages ## format and lints alone
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --locked -- -D warnings

audit: ## licences and known vulnerabilities of what we depend on (needs cargo-deny)
	@cargo deny check

fuzz: packages ## hostile bytes for every parser, FUZZ_SECONDS=60 each (needs nightly and cargo-fuzz)
	@fuzz/run

bench: packages ## print the figures of this machine, each beside the one that is wanted
	@cargo bench --locked -p iceflix --bench platform

bench-control: packages ## the same for logins, searches, failover and the broker; takes ten minutes
	@cargo bench --locked -p iceflix --bench control

bench-streaming: packages ## the same for films: what a viewer costs, a thousand of them, indexes; takes ten minutes
	@cargo bench --locked -p iceflix-rtsp --bench streaming

bench-ice: packages ## Ice in Rust beside C++ and Python: calls, payloads, events, each with the ratio that is wanted
	@cargo bench --locked -p ice-bench --bench compare

doc: packages ## the documentation of the crates, in target/doc
	@cargo doc --workspace --no-deps --locked

packages:
	@[ "$(PACKAGES)" = no ] || scripts/install-packages

clean: ## remove what was built
	@cargo clean
