# What one does with this project. `just` alone lists it.

set shell := ["bash", "-euo", "pipefail", "-c"]
export PATH := justfile_directory() / ".venv/bin:" + env("PATH")
# Where Python is told to keep no bytecode, each test process would compile all tests anew.
export PYTHONDONTWRITEBYTECODE := ""

default:
    @just --list --unsorted

# Run the whole system on this machine.
run *ARGS:
    selvhjelp up {{ARGS}}

# One in sixteen of the everyday tests, others for each commit; `just test --turns 4` runs more, `just test-all` all of them.
test *ARGS:
    just test-all --turns 16 {{ARGS}}

# All everyday tests; one process more than a small machine has cores, since each also waits for its servers.
test-all *ARGS:
    pytest -n 3 --dist worksteal -m "not chart and not containers and not faults and not proofs and not browser and not system" {{ARGS}}

# What is true of the engine whatever happens: random histories, workers, laws, the simulation.
proofs *ARGS:
    pytest -n 2 --dist worksteal -m proofs {{ARGS}}

# The everyday tests with new random inputs; the other recipes make the same ones in every run.
explore *ARGS:
    just test-all --hypothesis-profile explored {{ARGS}}

# The state machines of a person and of a group, at their full length: 2,000 runs of 50 steps each, new in every run.
machines *ARGS:
    PERSON_RUNS=2000 LIFE_RUNS=2000 pytest --hypothesis-profile explored tests/system/test_person_machine.py tests/grouping/test_life_machine.py {{ARGS}}

# Ten thousand random histories of groups, staff and guests of meetings, shuffled and doubled, beside a simple model.
histories *ARGS:
    HISTORIES="${HISTORIES:-10000}" pytest -n 2 --dist worksteal -m proofs tests/notify/test_kontaktmote_histories.py -rP {{ARGS}}

# The walks: every page in a real browser, and `selvhjelp up` as people have it.
walks *ARGS:
    pytest -n 2 --dist worksteal -m "browser or system" {{ARGS}}

# The fault runs: SIGKILL, broker and database away.
faults *ARGS:
    pytest tests/faults -m faults {{ARGS}}

# The restore drill: a backup of all databases into new ones, with the time of each step.
drill *ARGS:
    pytest tests/faults/test_restore_drill.py -m faults -rP {{ARGS}}

# Runs of kills at failpoints of processes, of the broker and of the database, and of frozen services; one line of JSON each.
kills SLICES="1" KILLS="50" SEED="1" DATABASE_KILLS="5" FREEZES="5" NATS_KILLS="10":
    for seed in $(seq {{SEED}} $(({{SEED}} + {{SLICES}} - 1))); do FAULTS_SEED=$seed FAULTS_KILLS={{KILLS}} FAULTS_DATABASE_KILLS={{DATABASE_KILLS}} FAULTS_FREEZES={{FREEZES}} FAULTS_NATS_KILLS={{NATS_KILLS}} pytest tests/faults/test_crashes.py -m faults -q -s -k at_failpoints | grep -E '^(\{|E   |FAILED)'; done

# Cuts of the power under traffic, with PostgreSQL and NATS on a disk that loses what was not synced; one line of JSON.
power-cuts CUTS="36" SEED="1":
    FAULTS_POWER_CUTS={{CUTS}} FAULTS_SEED={{SEED}} pytest tests/faults/test_power_cuts.py -m faults -q -rsP | grep -E '^(\{|E   |FAILED|SKIPPED|[0-9]+ )'

# Broken events and generated requests, from a seed; FUZZ_EVENTS, FUZZ_BROKER and FUZZ_REQUESTS say how many.
fuzz *ARGS:
    pytest tests/faults/test_malformed.py -m faults -rP -q {{ARGS}}

# Ten minutes of sign-ups while each of three brokers is killed in turn; one line of JSON with what it measured.
nodes SECONDS="600":
    FAULTS_NODES_SECONDS={{SECONDS}} pytest tests/faults/test_broker_cluster.py -m faults -q

# Container tests; they need a container engine.
containers *ARGS:
    pytest tests/containers --containers {{ARGS}}

# The cluster of deploy/compose.cluster.yaml: copies, nodes and the primary of PostgreSQL are killed under load.
cluster *ARGS:
    CLUSTER_UNDER_LOAD=1 pytest tests/containers --containers -k test_cluster {{ARGS}}

# What each fault costs people who use the stack meanwhile, and what is lost: one line each (docs/operations/losses.md).
losses *ARGS:
    LOSSES=1 pytest tests/containers --containers -k fault_under_load {{ARGS}}

# Upgrade the running compose stack to these sources while it serves (docs/operations/upgrade.md).
deploy *ARGS:
    deploy/upgrade.sh {{ARGS}}

# The Helm chart: lint, schemas, policies (var/chart/policies.md), templates; with CHART_KUBECONFIG an API server too.
chart *ARGS:
    deploy/helm/tools.sh
    pytest tests/chart -m chart {{ARGS}}

# Everything that must hold before a commit, without running anything.
check:
    ruff format --check .
    ruff check .
    mypy
    lint-imports
    python -m devtools.style
    python -m devtools.words
    python -m devtools.audit
    uv lock --check
    python -m shared.kit.i18n check
    selvhjelp migrate --check-scripts

# Ask the live database of vulnerabilities about the locked packages; it needs the network, `check` asks a recorded one.
audit:
    uv audit --locked

# List the components of each image (CycloneDX) in var/sbom; the same list lies in the image as /app/sbom.cdx.json.
sbom:
    mkdir -p var/sbom
    for image in intake grouping notify selvhjelp; do uv export --locked --no-dev --quiet --package $image $([ $image = grouping ] && echo --extra solvers || true) --format cyclonedx1.5 --output-file var/sbom/$image.cdx.json; done

# Put the code in shape.
format:
    ruff format .
    ruff check --fix .

# Tests of the last release, or of the last version with another schema, on the schema of now; CI runs a part: --slice.
previous-release *ARGS:
    python -m tests.previous_release {{ARGS}}

# Rewrite the agreed contracts, on purpose.
schemas:
    python -m tests.contracts.documents

# Draw the pictures of the mails anew, on purpose; look at what changed in docs/mails, and at all in var/mails/index.html.
gallery *ARGS:
    selvhjelp mails gallery --pictures docs/mails {{ARGS}}

# Write down and draw anew how each page is heard and seen, on purpose; look at what changed in docs/pages.
pages *ARGS:
    RECORD_PAGES=1 pytest -n 2 tests/scenarios/test_staff_pages.py tests/scenarios/test_pages_seen.py {{ARGS}}

# Compare all pages with all that is in docs/pages; the walks compare a quarter, another one for each commit.
pages-seen *ARGS:
    ALL_PAGES=1 pytest -n 2 tests/scenarios/test_staff_pages.py tests/scenarios/test_pages_seen.py {{ARGS}}

# Measure: ratios against a bare baseline in the same run.
bench *ARGS:
    python -m tests.bench {{ARGS}}

# The whole system under load: steady, burst, backlog, waiting; e.g. `just load steady --rate 50 --minutes 10`.
load *ARGS:
    python -m tests.bench.loading {{ARGS}}

# A queue that has grown for twelve hours without a mail server, and how it drains; a short run: --mails 3000.
drain *ARGS:
    python -m tests.bench.draining {{ARGS}}

# How good the groups are, beside other methods and the best possible; a short run: --sizes 200,500 --seeds 1 --to /tmp.
bench-grouping *ARGS:
    python -m tests.bench.grouping {{ARGS}}

# A random history of an area with every hard rule checked after each event; the long one: --events 1000000.
storm *ARGS:
    python -m tests.grouping.support.storm {{ARGS}}

# How long a decision takes however many wait, and a board, a reason, and everybody regrouped.
bench-speed *ARGS:
    python -m tests.bench.grouping.speed {{ARGS}}
