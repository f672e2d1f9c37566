{{- define "selvhjelp.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "selvhjelp.labels" -}}
app.kubernetes.io/name: selvhjelp
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "selvhjelp.selector" -}}
app.kubernetes.io/name: selvhjelp
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "selvhjelp.meta" -}}
name: {{ include "selvhjelp.name" .root }}-{{ .component }}
namespace: {{ .root.Release.Namespace }}
labels: {{- include "selvhjelp.labels" . | nindent 2 }}
{{- end }}

{{- /* The image of a service, or of the command. */ -}}
{{- define "selvhjelp.image" -}}
{{- $image := .root.Values.image -}}
{{- $digest := get $image.digests .image -}}
{{- if $digest -}}
{{ $image.repository }}/{{ .image }}@{{ $digest }}
{{- else -}}
{{ $image.repository }}/{{ .image }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* The restricted profile of Pod Security, for every pod. */ -}}
{{- define "selvhjelp.pod" -}}
automountServiceAccountToken: false
# Else each Service becomes variables such as RELEASE_INTAKE_PORT, and settings are read from the environment.
enableServiceLinks: false
serviceAccountName: {{ include "selvhjelp.name" .root }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "selvhjelp.spread" -}}
{{- with .root.Values.topologySpread }}
{{- if .enabled }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ .topologyKey }}
    whenUnsatisfiable: {{ .whenUnsatisfiable }}
    labelSelector:
      matchLabels: {{- include "selvhjelp.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
{{- end }}

{{- define "selvhjelp.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- /* Files of a pod, one for each secret that it may read, as compose.yaml mounts them. */ -}}
{{- define "selvhjelp.secrets" -}}
{{- $secrets := .root.Values.secrets -}}
{{- $issued := include "selvhjelp.issued" .root | fromYaml -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range .names }}
      {{- $own := get $secrets.overrides . | default (get $issued .) | default dict }}
      - secret:
          name: {{ $own.secretName | default $secrets.existingSecret }}
          items: [{key: {{ $own.key | default . }}, path: {{ . }}}]
      {{- end }}
      {{- if and .root.Values.database.caSecret (regexMatch "database_" (join " " .names)) }}
      - secret:
          name: {{ .root.Values.database.caSecret }}
          items: [{key: {{ .root.Values.database.caKey }}, path: database_authority}]
      {{- end }}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 16Mi}
{{- end }}

{{- /* Where cert-manager issues the certificates, the Secrets that it makes. Their authority is the same for all. */ -}}
{{- define "selvhjelp.issued" -}}
{{- $name := include "selvhjelp.name" . }}
{{- if .Values.certificates.issuerRef.name }}
authority: {secretName: {{ $name }}-intake-tls, key: ca.crt}
{{- range $service := list "intake" "grouping" "notify" }}
{{ $service }}_certificate: {secretName: {{ $name }}-{{ $service }}-tls, key: tls.crt}
{{ $service }}_tls_key: {secretName: {{ $name }}-{{ $service }}-tls, key: tls.key}
{{- end }}
{{- end }}
{{- end }}

{{- define "selvhjelp.mounts" -}}
- {name: secrets, mountPath: /run/secrets, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "selvhjelp.databaseEnv" -}}
- {name: PGSSLMODE, value: {{ .Values.database.sslMode | quote }}}
{{- if .Values.database.caSecret }}
- {name: PGSSLROOTCERT, value: /run/secrets/database_authority}
{{- end }}
{{- end }}
