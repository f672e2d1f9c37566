# The two front doors for a bare machine: `make run` and `make test`. Everything else is in the justfile.
# Needs Debian, Python 3.11 or later, and the package registries.

VENV := .venv
UV_VERSION := 0.13.9
READY := $(VENV)/.ready

.PHONY: run test setup browser clean
run: setup
	@$(VENV)/bin/selvhjelp up $(ARGS)

test: setup
	@$(VENV)/bin/just test $(ARGS)

setup: $(READY)

$(READY): uv.lock pyproject.toml $(wildcard services/*/pyproject.toml shared/pyproject.toml deploy/pyproject.toml devtools/pyproject.toml) deploy/setup.sh
	@UV_VERSION=$(UV_VERSION) bash deploy/setup.sh $(VENV)
	@touch $(READY)

browser:
	@command -v chromium >/dev/null || bash deploy/setup.sh browser

clean:
	rm -rf $(VENV) var build
