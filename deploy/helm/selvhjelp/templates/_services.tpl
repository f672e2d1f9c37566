{{- /* What differs between the services: secrets, settings, durable consumers. Tests compare it with compose.yaml and
       with shared/shared/events/broker_access.py. */ -}}
{{- define "selvhjelp.serviceTable" -}}
intake:
  secrets: [authority, intake_certificate, intake_tls_key, database_intake, database_intake_keys, nats_seed_intake, common_key, intake_key, intake_notify_key, staff_signing_key, staff_keys, key_encryption_key, blind_index_key, oidc_client_secret]
  durables: {intake-groups: GROUPS, intake-tasks: TASKS, intake-kontaktmoter: KONTAKTMOTER, intake-erasures: ERASURES, intake-reconciliation: RECONCILIATION}
grouping:
  secrets: [authority, grouping_certificate, grouping_tls_key, database_grouping, nats_seed_grouping, common_key, grouping_key, grouping_notify_key, staff_keys]
  durables: {grouping-signups: SIGNUPS, grouping-people: PEOPLE, grouping-centres: CENTRES, grouping-kontaktmoter: KONTAKTMOTER}
notify:
  secrets: [authority, notify_certificate, notify_tls_key, database_notify, nats_seed_notify, common_key, notify_key, intake_notify_key, grouping_notify_key, staff_keys, smtp_password, dkim_key, imap_password, sms_token]
  durables: {notify-signups: SIGNUPS, notify-people: PEOPLE, notify-groups: GROUPS, notify-centres: CENTRES}
{{- end }}

{{- /* The setting that reads a secret: DATABASE_URL_FILE for database_intake, TLS_KEY_FILE for intake_tls_key, and so on. */ -}}
{{- define "selvhjelp.secretEnv" -}}
{{- $prefix := upper .service -}}
{{- range .names }}
{{- $setting := upper . }}
{{- if eq . (printf "database_%s" $.service) }}{{ $setting = "DATABASE_URL" }}{{ end }}
{{- if eq . "database_intake_keys" }}{{ $setting = "KEYS_DATABASE_URL" }}{{ end }}
{{- if hasPrefix "nats_seed_" . }}{{ $setting = "NATS_SEED" }}{{ end }}
{{- if hasSuffix "_certificate" . }}{{ $setting = "TLS_CERTIFICATE" }}{{ end }}
{{- if hasSuffix "_tls_key" . }}{{ $setting = "TLS_KEY" }}{{ end }}
{{- if eq . "authority" }}{{ $setting = "NATS_AUTHORITY" }}{{ end }}
- {name: {{ $prefix }}_{{ $setting }}_FILE, value: /run/secrets/{{ . }}}
{{- end }}
{{- end }}

{{- define "selvhjelp.settings" -}}
{{- $values := .root.Values -}}
HOST: 0.0.0.0
PUBLIC_URL: {{ $values.publicUrl | quote }}
LOG_LEVEL: {{ $values.logLevel }}
OTLP_ENDPOINT: {{ $values.tracing.endpoint | quote }}
ENVIRONMENT_LABEL: {{ $values.environmentLabel | quote }}
TRUSTED_PROXIES: "*" # only the gateway gets here, and it writes X-Forwarded-For anew
DATABASE_CONNECTIONS: {{ $values.database.connections | quote }}
NATS_URL: {{ $values.nats.url | quote }}
{{- if $values.centres.existingConfigMap }}
CENTRES_FILE: /etc/selvhjelp/centres.yaml
{{- end }}
{{- if eq .service "intake" }}
CORS_ORIGINS: {{ $values.corsOrigins | quote }}
SECOND_FACTOR_FROM: {{ $values.secondFactorFrom | quote }}
{{- end }}
{{- if eq .service "notify" }}
{{- with $values.mail }}
SMTP_HOST: {{ .host | quote }}
SMTP_PORT: {{ .port | quote }}
SMTP_SECURITY: {{ .security | quote }}
SMTP_USERNAME: {{ .username | quote }}
MAILS_PER_MINUTE: {{ .perMinute | quote }}
MAILS_PER_HOUR: {{ .perHour | quote }}
MAIL_FROM: {{ .from | quote }}
MAIL_DOMAIN: {{ .domain | quote }}
RETURN_PATH_DOMAIN: {{ .returnPathDomain | quote }}
DKIM_SELECTOR: {{ .dkimSelector | quote }}
LMTP_HOST: {{ ternary "0.0.0.0" "127.0.0.1" .lmtp.enabled }}
LMTP_PORT: {{ .lmtp.port | quote }}
IMAP_HOST: {{ .imap.host | quote }}
IMAP_PORT: {{ .imap.port | quote }}
IMAP_SECURITY: {{ .imap.security | quote }}
IMAP_FOLDER: {{ .imap.folder | quote }}
IMAP_USERNAME: {{ .imap.username | quote }}
{{- end }}
SMS_URL: {{ $values.sms.url | quote }}
SMS_FROM: {{ $values.sms.from | quote }}
{{- end }}
{{- end }}
