#!/usr/bin/env bash
# Runs once, in a new cluster: for each database an owner, with whom migrations run, and a role of the same name as the
# database for its service, which reads and writes rows but changes no table. Nobody else gets in.
# Names and passwords are taken from the addresses in the secrets, postgresql+asyncpg://name:password@host:port/database.
#
# For a server elsewhere, say where the secrets are and how its superuser is reached:
#   SECRETS=var/cluster PSQL="kubectl exec -i selvhjelp-db-1 -c postgres -- psql" deploy/postgres/databases.sh
set -euo pipefail

password() { sed -E 's#^[^:]+://[^:]+:([^@]+)@.*#\1#' "${SECRETS:-/run/secrets}/database_$1"; }
sql() { ${PSQL:-psql -h /var/run/postgresql -U ${POSTGRES_USER:-postgres}} -v ON_ERROR_STOP=1 --quiet --no-psqlrc -d "$1"; }

sql postgres <<'SQL'
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL
# For a standby (deploy/compose.cluster.yaml), where one is meant to be.
if [ -e "${SECRETS:-/run/secrets}/database_replicator" ]; then
  sql postgres <<SQL
CREATE ROLE replicator LOGIN REPLICATION PASSWORD '$(<"${SECRETS:-/run/secrets}/database_replicator")';
SQL
fi

for name in intake intake_keys grouping notify; do
  # Through standard input: arguments are seen by every process.
  sql postgres <<SQL
CREATE ROLE ${name}_owner LOGIN PASSWORD '$(password "${name}_owner")';
CREATE ROLE ${name} LOGIN PASSWORD '$(password "$name")';
CREATE DATABASE ${name} OWNER ${name}_owner;
REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
GRANT CONNECT ON DATABASE ${name} TO ${name};
SQL
  sql "$name" <<SQL
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO ${name}_owner;
GRANT USAGE ON SCHEMA public TO ${name};
ALTER DEFAULT PRIVILEGES FOR ROLE ${name}_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${name};
ALTER DEFAULT PRIVILEGES FOR ROLE ${name}_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${name};
SQL
done
