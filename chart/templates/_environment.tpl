{{/* {name, key}: a variable's source in a Secret. */}}
{{- define "tracklet.fromSecret" -}}
valueFrom: {secretKeyRef: {name: {{ .name | quote }}, key: {{ .key | quote }}}}
{{- end -}}

{{/* {root, secret}: the variables of the database. `secret` is the Secret that holds what stands in the values. */}}
{{- define "tracklet.databaseEnv" -}}
{{- $database := .root.Values.database -}}
{{- $kind := include "tracklet.database" .root -}}
{{- if eq $kind "sqlite" }}
- {name: MLFLOW_BACKEND_STORE_URI, value: {{ include "tracklet.sqliteUri" .root | quote }}}
{{- else if eq $kind "uri" }}
- name: MLFLOW_BACKEND_STORE_URI
  {{- include "tracklet.fromSecret" (dict "name" .secret "key" "MLFLOW_BACKEND_STORE_URI") | nindent 2 }}
{{- else if eq $kind "secret" }}
- name: MLFLOW_BACKEND_STORE_URI
  {{- include "tracklet.fromSecret" (dict "name" (tpl $database.existingSecret .root) "key" $database.existingSecretKey) | nindent 2 }}
{{- else if eq $kind "pieces" }}
{{- $pieces := $database.postgresql }}
{{- $existing := tpl $pieces.existingSecret .root }}
{{- range list (list "PGHOST" "host") (list "PGPORT" "port") (list "PGDATABASE" "database") (list "PGUSER" "user") }}
{{- $variable := index . 0 }}
{{- $piece := index . 1 }}
{{- $key := index $pieces.keys $piece }}
- name: {{ $variable }}
{{- if and $existing $key }}
  {{- include "tracklet.fromSecret" (dict "name" $existing "key" $key) | nindent 2 }}
{{- else }}
  value: {{ index $pieces $piece | toString | quote }}
{{- end }}
{{- end }}
{{- if $existing }}
- name: PGPASSWORD
  {{- include "tracklet.fromSecret" (dict "name" $existing "key" $pieces.keys.password) | nindent 2 }}
{{- else if $pieces.password }}
- name: PGPASSWORD
  {{- include "tracklet.fromSecret" (dict "name" .secret "key" "PGPASSWORD") | nindent 2 }}
{{- end }}
{{- $query := list }}
{{- range $name, $value := $pieces.parameters }}
{{- $query = append $query (printf "%s=%s" $name (urlquery $value)) }}
{{- end }}
- {name: MLFLOW_BACKEND_STORE_URI, value: {{ printf "postgresql+psycopg2://%s" (empty $query | ternary "" (printf "?%s" (join "&" $query))) | quote }}}
{{- end }}
{{- if has $kind (list "uri" "secret" "pieces") }}
{{- $tls := $database.postgresql }}
{{- with $tls.sslMode }}
- {name: PGSSLMODE, value: {{ . | quote }}}
{{- end }}
{{- if or $tls.caBundle.existingSecret $tls.caBundle.existingConfigMap }}
- {name: PGSSLROOTCERT, value: {{ printf "/etc/tracklet/database-ca/%s" $tls.caBundle.key | quote }}}
{{- end }}
{{- with $tls.clientCertificate }}
{{- if .existingSecret }}
- {name: PGSSLCERT, value: {{ printf "/etc/tracklet/database-client/%s" .certificateKey | quote }}}
- {name: PGSSLKEY, value: {{ printf "/etc/tracklet/database-client/%s" .privateKeyKey | quote }}}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The volumes and mounts that the database's variables name. */}}
{{- define "tracklet.databaseVolumes" -}}
{{- $tls := .Values.database.postgresql -}}
{{- if has (include "tracklet.database" .) (list "uri" "secret" "pieces") }}
{{- if $tls.caBundle.existingSecret }}
- name: database-ca
  secret: {secretName: {{ tpl $tls.caBundle.existingSecret . | quote }}}
{{- else if $tls.caBundle.existingConfigMap }}
- name: database-ca
  configMap: {name: {{ tpl $tls.caBundle.existingConfigMap . | quote }}}
{{- end }}
{{- if $tls.clientCertificate.existingSecret }}
- name: database-client
  {{- /* libpq refuses a private key that others may read. */}}
  secret: {secretName: {{ tpl $tls.clientCertificate.existingSecret . | quote }}, defaultMode: 0440}
{{- end }}
{{- end }}
{{- end -}}
{{- define "tracklet.databaseMounts" -}}
{{- $tls := .Values.database.postgresql -}}
{{- if has (include "tracklet.database" .) (list "uri" "secret" "pieces") }}
{{- if or $tls.caBundle.existingSecret $tls.caBundle.existingConfigMap }}
- {name: database-ca, mountPath: /etc/tracklet/database-ca, readOnly: true}
{{- end }}
{{- if $tls.clientCertificate.existingSecret }}
- {name: database-client, mountPath: /etc/tracklet/database-client, readOnly: true}
{{- end }}
{{- end }}
{{- end -}}

{{/* The variables of S3 that are secrets, or name a file. */}}
{{- define "tracklet.s3Env" -}}
{{- $s3 := .Values.artifacts.s3 -}}
{{- if $s3.existingSecret }}
{{- $secret := tpl $s3.existingSecret . }}
- name: AWS_ACCESS_KEY_ID
  {{- include "tracklet.fromSecret" (dict "name" $secret "key" $s3.keys.accessKeyId) | nindent 2 }}
- name: AWS_SECRET_ACCESS_KEY
  {{- include "tracklet.fromSecret" (dict "name" $secret "key" $s3.keys.secretAccessKey) | nindent 2 }}
{{- with $s3.keys.sessionToken }}
- name: AWS_SESSION_TOKEN
  {{- include "tracklet.fromSecret" (dict "name" $secret "key" .) | nindent 2 }}
{{- end }}
{{- else }}
{{- range $variable, $value := dict "AWS_ACCESS_KEY_ID" $s3.accessKeyId "AWS_SECRET_ACCESS_KEY" $s3.secretAccessKey "AWS_SESSION_TOKEN" $s3.sessionToken }}
{{- if $value }}
- name: {{ $variable }}
  {{- include "tracklet.fromSecret" (dict "name" (include "tracklet.fullname" $) "key" $variable) | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
{{- if or $s3.caBundle.existingSecret $s3.caBundle.existingConfigMap }}
- {name: AWS_CA_BUNDLE, value: {{ printf "/etc/tracklet/s3-ca/%s" $s3.caBundle.key | quote }}}
{{- end }}
{{- end -}}

{{/* The server's variables in the Pod. One that the user sets is left to the user: a name must not be there twice. */}}
{{- define "tracklet.env" -}}
{{- $taken := list -}}
{{- range .Values.extraEnv -}}{{- $taken = append $taken .name -}}{{- end -}}
{{- $env := list -}}
{{- $own := printf "%s\n%s" (include "tracklet.databaseEnv" (dict "root" . "secret" (include "tracklet.fullname" .))) (include "tracklet.s3Env" .) -}}
{{- range fromYamlArray $own -}}
{{- if not (has .name $taken) -}}{{- $env = append $env . -}}{{- end -}}
{{- end -}}
{{- $env = concat $env .Values.extraEnv -}}
{{- range fromYamlArray (include "tracklet.tracingEnv" .) -}}
{{- if not (has .name $taken) -}}{{- $env = append $env . -}}{{- end -}}
{{- end -}}
{{- with $env -}}{{- toYaml . -}}{{- end -}}
{{- end -}}

{{/* Where the server's container gets all of its variables. */}}
{{- define "tracklet.variables" -}}
envFrom:
  - configMapRef: {name: {{ include "tracklet.fullname" . }}}
  {{- with .Values.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with include "tracklet.env" . }}
env:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What the chart's Secret holds: what stands in the values and must not stand in the Deployment. */}}
{{- define "tracklet.secrets" -}}
{{- $secrets := dict -}}
{{- $kind := include "tracklet.database" . -}}
{{- if eq $kind "uri" -}}{{- $_ := set $secrets "MLFLOW_BACKEND_STORE_URI" .Values.database.uri -}}{{- end -}}
{{- if and (eq $kind "pieces") (not .Values.database.postgresql.existingSecret) .Values.database.postgresql.password -}}
{{- $_ := set $secrets "PGPASSWORD" .Values.database.postgresql.password -}}
{{- end -}}
{{- $s3 := .Values.artifacts.s3 -}}
{{- if not $s3.existingSecret -}}
{{- range $variable, $value := dict "AWS_ACCESS_KEY_ID" $s3.accessKeyId "AWS_SECRET_ACCESS_KEY" $s3.secretAccessKey "AWS_SESSION_TOKEN" $s3.sessionToken -}}
{{- if $value -}}{{- $_ := set $secrets $variable $value -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := $secrets }}
{{ $name }}: {{ $value | b64enc | quote }}
{{- end }}
{{- end -}}

{{/* Host names that requests may be addressed to. A page of somebody else cannot make a browser send an address. */}}
{{- define "tracklet.allowedHosts" -}}
{{- $hosts := list "localhost" "127.*" "10.*" "100.*" "172.*" "192.168.*" "[*]" -}}
{{- $service := include "tracklet.serviceName" . -}}
{{- $hosts = concat $hosts (list $service (printf "%s.%s" $service .Release.Namespace) (printf "%s.%s.svc" $service .Release.Namespace) (printf "%s.%s.svc.*" $service .Release.Namespace)) -}}
{{- if .Values.ingress.enabled -}}{{- range .Values.ingress.hosts -}}{{- $hosts = append $hosts .host -}}{{- end -}}{{- end -}}
{{- if .Values.httpRoute.enabled -}}{{- $hosts = concat $hosts .Values.httpRoute.hostnames -}}{{- end -}}
{{- if .Values.istio.virtualService.enabled -}}{{- $hosts = concat $hosts .Values.istio.hosts -}}{{- end -}}
{{- $hosts = concat $hosts .Values.server.allowedHosts -}}
{{- if has "*" $hosts -}}*{{- else -}}{{- without $hosts "" | uniq | join "," -}}{{- end -}}
{{- end -}}

{{/* HOST:PORT of the metrics, where they have a port of their own. */}}
{{- define "tracklet.metricsAddress" -}}
{{- $host := .Values.server.host -}}
{{- if .Values.metrics.port -}}
{{- contains ":" $host | ternary (printf "[%s]" (trimAll "[]" $host)) $host }}:{{ .Values.metrics.port -}}
{{- end -}}
{{- end -}}

{{/* The name of the port that Prometheus asks. */}}
{{- define "tracklet.metricsPort" -}}
{{- ternary "metrics" "http" (gt (int .Values.metrics.port) 0) -}}
{{- end -}}

{{/* The server's variables that are no secrets: the ConfigMap. An empty one counts as not set. */}}
{{- define "tracklet.config" -}}
{{- $server := .Values.server -}}
{{- $artifacts := .Values.artifacts -}}
{{- $s3 := $artifacts.s3 -}}
{{- $config := dict
  "MLFLOW_HOST" $server.host
  "MLFLOW_PORT" ($server.port | toString)
  "MLFLOW_STATIC_PREFIX" $server.staticPrefix
  "MLFLOW_SERVER_ALLOWED_HOSTS" (include "tracklet.allowedHosts" .)
  "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS" (join "," $server.corsAllowedOrigins)
  "MLFLOW_SERVER_X_FRAME_OPTIONS" $server.xFrameOptions
  "TRACKLET_USER_HEADER" $server.userHeader
  "TRACKLET_SHUTDOWN_GRACE" ($server.shutdownGrace | toString)
  "TRACKLET_LOG_FORMAT" $server.logFormat
  "TRACKLET_LOG_LEVEL" $server.logLevel
  "TRACKLET_UI_DIR" $server.uiDir
  "TRACKLET_METRICS_ADDRESS" (include "tracklet.metricsAddress" .)
  "TRACKLET_REGISTRY_METRICS" (join "," .Values.metrics.registryMetrics)
  "TRACKLET_REGISTRY_METRICS_ALIASES" (.Values.metrics.registryAliases | toString)
  "MLFLOW_TRUNCATE_LONG_VALUES" ($server.truncateLongValues | toString)
  "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX" $server.modelSourceRegex
  "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE" (.Values.database.pool.size | toString)
  "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW" (.Values.database.pool.maxOverflow | toString)
  "MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE" (ternary "" (.Values.database.pool.recycle | toString) (eq (int .Values.database.pool.recycle) 0))
  "MLFLOW_SERVE_ARTIFACTS" ($artifacts.serve | toString)
  "MLFLOW_ARTIFACTS_ONLY" (ternary "true" "" $artifacts.only)
  "MLFLOW_ARTIFACTS_PRESIGNED_ONLY" (ternary "true" "" $artifacts.presignedOnly)
  "MLFLOW_DEFAULT_ARTIFACT_ROOT" $artifacts.defaultRoot
  "MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS" ($artifacts.presignedDownloadSeconds | toString)
  "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD" (ternary "true" "" $artifacts.multipartUpload)
  "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD" (ternary "true" "" $artifacts.multipartDownload)
  "TRACKLET_LOCAL_ARTIFACT_ROOTS" (join ":" $artifacts.localRoots)
  "MLFLOW_S3_ENDPOINT_URL" $s3.endpointUrl
  "TRACKLET_S3_PUBLIC_ENDPOINT_URL" $s3.publicEndpointUrl
  "AWS_DEFAULT_REGION" $s3.region
  "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE" (ternary "" $s3.addressingStyle (eq $s3.addressingStyle "auto"))
  "MLFLOW_S3_IGNORE_TLS" (ternary "true" "" $s3.ignoreTls)
  "MLFLOW_S3_EXPECTED_BUCKET_OWNER" $s3.expectedBucketOwner
  "MLFLOW_S3_UPLOAD_EXTRA_ARGS" (empty $s3.uploadExtraArgs | ternary "" (toJson $s3.uploadExtraArgs)) -}}
{{- if or $artifacts.serve $artifacts.only -}}{{- $_ := set $config "MLFLOW_ARTIFACTS_DESTINATION" (include "tracklet.destination" .) -}}{{- end -}}
{{- range $name, $value := $config }}
{{- if $value }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}
