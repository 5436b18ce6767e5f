# Everything a contributor types. The build lives outside the checkout, so that a clean clone does
# not rebuild the world.

SHELL := bash
CACHE := $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)
export CARGO_TARGET_DIR ?= $(CACHE)/masque/target
export PATH := $(HOME)/.cargo/bin:$(PATH)
MASQUE := $(CARGO_TARGET_DIR)/debug/masque

.DEFAULT_GOAL := help
.PHONY: help setup setup-test build models run test test-slow test-servers fuzz-sources test-vm check bench heap gallery doctor

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## Install the system packages that are missing
	@scripts/setup.sh run

setup-test:
	@scripts/setup.sh test

build: setup
	@cargo build --locked --bin masque

models: build ## Fetch ONNX Runtime and the models that are missing
	@$(MASQUE) models pull --needed

run: models ## Start the mirror (ARGS="camera:0 --look …"); without a display: a picture and a film in out/
	@scripts/run.sh $(MASQUE) $(ARGS)

test: setup-test models ## Run all tests
	@if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --locked; else cargo test --locked --lib --bins --tests; fi
	@cargo test --locked --doc

test-slow: setup-test models ## Run the tests that take minutes
	@if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --locked --run-ignored only; else cargo test --locked --tests -- --ignored; fi

test-servers: setup-test ## Test streams against servers of others; a hundred restarts (RESTARTS=100)
	MASQUE_RESTARTS=$(or $(RESTARTS),100) cargo test --locked --test it -- --include-ignored --nocapture --skip garbage_does_no_harm streams::

fuzz-sources: setup-test ## Feed garbage to files and streams (FUZZ_SECONDS=600 SEED=1)
	MASQUE_FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) MASQUE_FUZZ_SEED=$(or $(SEED),1) cargo test --locked --test it -- --ignored --nocapture garbage_does_no_harm

test-vm: setup ## Test cameras on the kernel's test camera in a virtual machine (ARGS="replug=200")
	@tests/vm/run.sh $(ARGS)

check: setup ## Formatting, lints and documentation
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps

bench: models ## Measure every stage (ARGS="clip.mp4 --json FILE")
	@$(MASQUE) bench $(ARGS)

heap: models ## Count what is allocated per frame (ARGS="clip.mp4 5000")
	@cargo run --locked --example heap --features dhat --config 'profile.dev.package.masque.debug="line-tables-only"' -- $(ARGS)

gallery: models ## Render the pictures of docs/gallery.md (CLIP=file.mp4)
	@scripts/gallery.sh $(MASQUE) $(CLIP)

doctor: build ## Say what this machine can do and what is missing
	@$(MASQUE) doctor
