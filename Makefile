# Every target brings .venv up to date first (tools/bootstrap); none asks for a step by hand.

BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo dev test coverage check format docs bench lock wheels clean ready

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ready ## Start Stepladder with a stand-in HaloPSA and a desktop, and open the story (DEMO=options)
	@$(BIN)/stepladder demo $(DEMO)

dev: demo ## The same, to work against: it stays up until Ctrl-C

test: ## Run the whole suite on all cores (ARGS=options for pytest, such as ARGS='-k approve')
	@tools/test $(ARGS)

coverage: ## Run the suite and show which lines and branches it did not reach (ARGS=options for pytest)
	@PYTEST="coverage run -m pytest" tools/test $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

check: ready ## Format, lint, types, import directions, tables, migrations, lock, docs, stray words
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/ruff check --quiet --output-format concise .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/check_sql.py
	$(BIN)/python -m stepladder.migrations check
	$(BIN)/python tools/check_lock.py
	$(BIN)/python tools/check_docs.py
	$(BIN)/python tools/check_words.py
	@echo "All checks passed."

format: ready ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format .

docs: ready ## Check the docs: links resolve, commands and make targets exist
	@$(BIN)/python tools/check_docs.py

bench: ready ## Measure (BENCH=options)
	@$(BIN)/stepladder bench $(BENCH)

lock: ready ## Re-make the locks from the pyprojects (LOCK=--upgrade for newer versions)
	@tools/lock $(LOCK)

wheels: ## Build the wheels of the service, the agent and the demo into dist/ (needs no .venv)
	@tools/wheels

clean: ## Remove the environment, caches and build results; data of a running Stepladder stays
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .cache build dist
	rm -f .coverage .coverage.*
	find src agent bench demo protocol sandbox tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

ready:
	@tools/bootstrap
