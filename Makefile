# Needs Python 3.11 or newer with pip and venv; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# for what the build itself needs, too: by the first in older pip, by the second in newer
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_BUILD_CONSTRAINT := $(PIP_CONSTRAINT)

EXTRACT := $(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --sort-by-file \
	--add-location file --add-comments Translators: --strip-comments --width 100 \
	--project branch-kiosk --version 1 --copyright-holder "the branch-kiosk authors" \
	--msgid-bugs-address "the branch-kiosk authors"
UPDATE := $(BIN)/pybabel --quiet update --domain kiosk --output-dir locales --input-file locales/kiosk.pot \
	--no-fuzzy-matching --ignore-obsolete --width 100
# the date of an extraction says nothing, and two who extracted would be in each other's way
NO_DATE := sed -i '/^"POT-Creation-Date:/d'

.PHONY: help run test simulate nightly gallery check lint types imports spelling catalogs catalogs-check format clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: $(VENV)/installed  ## Install what is needed and start the customer terminal
	@$(BIN)/kiosk run

test: $(VENV)/installed-dev  ## Run the whole test-suite
	@$(BIN)/python -m pytest

simulate: $(VENV)/installed-dev  ## Live once more through one seed of the simulation: make simulate SEED=17
	@$(BIN)/python -m pytest -n 0 tests/simulation -k every_event --seeds $(SEED)

nightly: $(VENV)/installed-dev  ## The long forms of the tests of faults and of screens: hours
	@$(BIN)/python -m pytest --long --timeout 1800 --ignore tests/ui/test_monkey.py \
		tests/simulation tests/crash tests/ui tests/unit/test_*_histories.py \
		tests/unit/test_branch_simulated_*.py
	@# in one process, which says its seed
	@$(BIN)/python -m pytest --long -n 0 tests/ui/test_monkey.py
	@$(BIN)/python benchmarks/soak.py --minutes 60

gallery: $(VENV)/installed-dev  ## Take the pictures in docs/gallery anew: twenty minutes
	@PYTHONPATH=tests:tests/ui $(BIN)/python -m gallery
	@PYTHONPATH=tests:tests/ui $(BIN)/python -m fault_gallery

check: lint types imports spelling catalogs-check  ## Style, types, import directions, spelling, catalogs

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(VENV)/installed-dev
	@$(BIN)/mypy

imports: $(VENV)/installed-dev
	@$(BIN)/lint-imports

spelling: $(VENV)/installed-dev
	@$(BIN)/codespell

catalogs: $(VENV)/installed-dev  ## Bring locales/ up to date with the messages in the code
	@$(EXTRACT) --output-file locales/kiosk.pot .
	@# quietly: it warns that Chinese has fewer plural forms than the template
	@$(UPDATE) 2>/dev/null || $(UPDATE)
	@$(NO_DATE) locales/kiosk.pot locales/*/LC_MESSAGES/kiosk.po

catalogs-check: $(VENV)/installed-dev
	@$(EXTRACT) --output-file $(VENV)/kiosk.pot .
	@$(NO_DATE) $(VENV)/kiosk.pot
	@diff --unified locales/kiosk.pot $(VENV)/kiosk.pot || { echo "Run: make catalogs"; false; }
	@$(BIN)/python -m pytest -n 0 tests/unit/test_i18n_catalogs.py

format: $(VENV)/installed-dev  ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

clean:  ## Remove the virtual environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing branch-kiosk"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing branch-kiosk with its tools"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(VENV)/installed $@
