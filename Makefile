# Every command a person types. `make` alone explains them; each target is one line that calls a tool.
.DEFAULT_GOAL := help
SHELL := /bin/sh
# Set on the command line only (`make plan ENV=prod`): shells and other builds have variables of these names, too.
PYTHON = python3
ENV = dev
TARGET = emulator
UNITS = .
KEEP =
ONLY =
PACKAGING =
PIPELINES := tools/pipelines

.PHONY: help
help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Build the project's Python environments and find Terraform and its provider (the others do it themselves)
	@$(PYTHON) -E -m tools.toolchain

.PHONY: demo
demo: ## Apply live/dev on an emulator, send real input through it, account for every event (KEEP=1 keeps it running, PACKAGING=image takes images)
	@started=$$(date +%s) && $(MAKE) --no-print-directory setup && $(PIPELINES) project demo --started $$started $(if $(KEEP),--keep)

.PHONY: test
test: setup ## Everything that must hold but the drills: lint, units, plans, policies, emulator (ONLY=tests/emulator/drills: these tests alone)
	@$(PIPELINES) project test $(if $(ONLY),--only "$(ONLY)")

.PHONY: lint
lint: setup ## Formatting, types, import contracts, settings, documentation, policies: what the hooks of a commit run
	@$(PIPELINES) project lint

.PHONY: policies
policies: setup ## checkov with our rules over the configuration, and the same rules over the plans of ENV
	@$(PIPELINES) policies source && $(PIPELINES) policies plan --env $(ENV)

.PHONY: up
up: setup ## Start the emulator and apply live/dev on it; keeps running
	@$(PIPELINES) env up

.PHONY: down
down: setup ## Stop that emulator; everything on it is gone
	@$(PIPELINES) emulator stop

.PHONY: plan
plan: setup ## What would change in ENV=dev|staging|prod (TARGET=emulator|aws, UNITS=us-east-1/payment-events)
	@$(PIPELINES) env plan --env $(ENV) --target $(TARGET) --units $(UNITS)

.PHONY: apply
apply: setup ## Apply ENV (TARGET=aws asks first)
	@$(PIPELINES) env apply --env $(ENV) --target $(TARGET) --units $(UNITS)

.PHONY: destroy
destroy: setup ## Destroy ENV (TARGET=aws asks first; prod refuses, see README)
	@$(PIPELINES) env destroy --env $(ENV) --target $(TARGET) --units $(UNITS)

.PHONY: bootstrap
bootstrap: setup ## What the account of ENV needs once: state bucket, its key and lock table (on the emulator it happens by itself)
	@$(PIPELINES) env bootstrap --env $(ENV)

.PHONY: bench
bench: setup ## Throughput and latency as ratios against a baseline in the same run
	@$(PIPELINES) project bench

.PHONY: docs
docs: setup ## Generate the tables in the documentation
	@$(PIPELINES) docs generate

.PHONY: clean
clean: ## Remove everything that set-up and runs have made in this folder
	rm -rf build .venv .venv-emulator .venv-checkov .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find live modules tests -name .terragrunt-cache -prune -exec rm -rf {} +
