{{/* The alerts. `$s` selects this release's series. What a rule says at night has to say what to look at. */}}
{{- define "tracklet.alerts" -}}
{{- $rule := .Values.metrics.prometheusRule -}}
{{- $s := default (printf "namespace=%q,job=%q" .Release.Namespace (include "tracklet.serviceName" .)) $rule.selector -}}
- alert: TrackletDown
  expr: (sum(up{ {{- $s -}} }) or vector(0)) == 0
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: No Tracklet answers
    description: No Pod of Tracklet could be scraped for five minutes. Training waits or fails.
- alert: TrackletErrors
  expr: sum(rate(tracklet_http_requests_total{ {{- $s -}} ,status=~"5.."}[10m])) / sum(rate(tracklet_http_requests_total{ {{- $s -}} }[10m])) > {{ $rule.errorRatio }}
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: Requests fail
    description: '{{ "{{ $value | humanizePercentage }}" }} of the requests end in a 5xx. The log has the cause of each.'
- alert: TrackletSlow
  expr: histogram_quantile(0.99, sum by (le) (rate(tracklet_http_request_duration_seconds_bucket{ {{- $s -}} ,route=~".*/runs/log-batch"}[10m]))) > {{ $rule.slowSeconds }}
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: Metrics are stored slowly
    description: 'One of a hundred batches takes longer than {{ "{{ $value | humanizeDuration }}" }}. Look at the database, and at tracklet_db_pool_waiting.'
- alert: TrackletSheds
  expr: sum by (reason) (rate(tracklet_requests_shed_total{ {{- $s -}} }[5m])) > 0
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: Requests are turned away
    description: 'The database does not keep up, and requests are answered with 429 ({{ "{{ $labels.reason }}" }}). Clients try again, until they give up.'
- alert: TrackletDatabaseUnreachable
  expr: sum(increase(tracklet_db_connection_failures_total{ {{- $s -}} }[5m])) > 0
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: The database cannot be reached
    description: Connections to the database fail. The log has the reason.
- alert: TrackletObjectStoreErrors
  expr: sum(rate(tracklet_object_store_requests_total{ {{- $s -}} ,status=~"5..|none"}[10m])) / sum(rate(tracklet_object_store_requests_total{ {{- $s -}} }[10m])) > 0.05
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: The object store fails
    description: '{{ "{{ $value | humanizePercentage }}" }} of the requests to the object store fail.'
- alert: TrackletVersionPending
  expr: time() - max(tracklet_registry_pending_oldest_timestamp_seconds{ {{- $s -}} }) > {{ mulf $rule.pendingHours 3600 }}
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: A model version is not ready
    description: 'The oldest version in PENDING_REGISTRATION is {{ "{{ $value | humanizeDuration }}" }} old. Whoever registers it has probably died.'
- alert: TrackletModelWaits
  expr: max by (name) (time() - tracklet_registry_waiting_oldest_timestamp_seconds{ {{- $s -}} }) > {{ mulf $rule.waitingHours 3600 }}
  for: 5m
  labels: {severity: info}
  annotations:
    summary: A new version of {{ "{{ $labels.name }}" }} waits for promotion
    description: 'The oldest version of {{ "{{ $labels.name }}" }} that nobody decided about was registered {{ "{{ $value | humanizeDuration }}" }} ago.'
- alert: TrackletAliasRolledBack
  expr: max by (name, alias) (increase(tracklet_registry_alias_rollbacks_total{ {{- $s -}} }[1h])) > 0
  labels: {severity: info}
  annotations:
    summary: '{{ "{{ $labels.name }}@{{ $labels.alias }}" }} was rolled back'
    description: The alias moved to an older version within the last hour.
{{- range $rule.regressions }}
{{- $current := printf `max by (name, alias, metric) (tracklet_registry_alias_metric{%s,alias=%q,metric=%q,of="current"})` $s .alias .metric }}
{{- $previous := $current | replace `of="current"` `of="previous"` }}
{{- $loss := eq (default "higher" .better) "lower" | ternary (printf "%s - %s" $current $previous) (printf "%s - %s" $previous $current) }}
- alert: TrackletModelWorse
  expr: {{ $loss }} > {{ .by }}
  for: 5m
  {{- /* The series have them anyway; here they tell the rules apart. */}}
  labels: {severity: warning, alias: {{ .alias | quote }}, metric: {{ .metric | quote }}}
  annotations:
    summary: '{{ "{{ $labels.name }}@{{ $labels.alias }}" }} is worse than its predecessor'
    description: 'In {{ .metric }} by {{ "{{ $value | humanize }}" }}, and {{ .by }} is accepted.'
{{- end }}
{{- end -}}
