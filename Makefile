# The two front doors for a bare machine: `make run`, which installs what running needs, and `make test`, which installs
# everything. The rest is in the justfile.
# Needs Debian, Python 3.11 or later, and the package registries.

VENV := .venv
UV_VERSION := 0.13.9
READY := $(VENV)/.ready
READY_TO_RUN := $(VENV)/.ready-to-run

.PHONY: run test setup browser clean
run: $(READY_TO_RUN)
	@$(VENV)/bin/selvhjelp up $(ARGS)

test: setup
	@$(VENV)/bin/just test $(ARGS)

setup: $(READY)

DECLARED := uv.lock pyproject.toml $(wildcard services/*/pyproject.toml shared/pyproject.toml deploy/pyproject.toml devtools/pyproject.toml) deploy/setup.sh

$(READY): $(DECLARED)
	@UV_VERSION=$(UV_VERSION) bash deploy/setup.sh $(VENV) everything
	@touch $(READY) $(READY_TO_RUN)

$(READY_TO_RUN): $(DECLARED)
	@UV_VERSION=$(UV_VERSION) bash deploy/setup.sh $(VENV) run
	@touch $(READY_TO_RUN)

browser:
	@command -v chromium >/dev/null || bash deploy/setup.sh browser

clean:
	rm -rf $(VENV) var build
