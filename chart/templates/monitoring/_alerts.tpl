{{/* Which series are this release's. */}}
{{- define "tracklet.series" -}}
{{- default (printf "namespace=%q,job=%q" .Release.Namespace (include "tracklet.serviceName" .)) .Values.metrics.prometheusRule.selector -}}
{{- end -}}

{{/* The alerts of examples/prometheus, about this release and with the bounds of the values. */}}
{{- define "tracklet.serviceAlerts" -}}
{{- $rule := .Values.metrics.prometheusRule -}}
{{- $s := include "tracklet.series" . -}}
- alert: TrackletAbsent
  expr: absent(tracklet_build_info{ {{- $s -}} })
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: No Tracklet is scraped.
    description: Either none runs, or Prometheus does not reach /metrics. With --allowed-hosts it needs --metrics-address.
- alert: TrackletFails
  expr: >-
    (sum(rate(tracklet_http_requests_total{ {{- $s -}} ,status=~"5.."}[5m])) or vector(0))
    / sum(rate(tracklet_http_requests_total{ {{- $s -}} }[5m])) > {{ $rule.errorRatio }}
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: '{{ "{{ $value | humanizePercentage }}" }} of the requests fail.'
    description: The log has the cause of each, at the level ERROR.
- alert: TrackletIsSlow
  expr: >-
    histogram_quantile(0.99, sum by (le) (rate(
    tracklet_http_request_duration_seconds_bucket{ {{- $s -}} ,route=~".+/runs/log-(batch|metric|parameter)"}[5m]))) > {{ $rule.slowSeconds }}
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: 'One of a hundred writes of training code takes longer than {{ "{{ $value | humanizeDuration }}" }}.'
- alert: TrackletIsSaturated
  expr: sum by (pool) (rate(tracklet_requests_shed_total{ {{- $s -}} }[5m])) > 0
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: Requests are told to come back later, because the database does not keep up.
    description: 'The pool is {{ "{{ $labels.pool }}" }}. Clients try again by themselves, and training waits for them.'
- alert: TrackletDatabaseUnreachable
  expr: sum(increase(tracklet_db_connection_failures_total{ {{- $s -}} }[5m])) > 0
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: Connections to the database cannot be opened.
- alert: TrackletObjectStoreFails
  expr: >-
    (sum(rate(tracklet_object_store_requests_total{ {{- $s -}} ,status=~"none|401|403|5.."}[5m])) or vector(0))
    / sum(rate(tracklet_object_store_requests_total{ {{- $s -}} }[5m])) > 0.05
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: '{{ "{{ $value | humanizePercentage }}" }} of the requests to the object store fail.'
- alert: TrackletRunsOutOfFiles
  expr: process_open_fds / process_max_fds * on (instance) group_left () tracklet_build_info{ {{- $s -}} } > 0.9
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: '{{ "{{ $labels.instance }} has {{ $value | humanizePercentage }}" }} of its files and sockets open.'
{{- end -}}

{{- define "tracklet.registryAlerts" -}}
{{- $rule := .Values.metrics.prometheusRule -}}
{{- $s := include "tracklet.series" . -}}
- alert: TrackletRegistryUnread
  expr: time() - max(tracklet_registry_read_timestamp_seconds{ {{- $s -}} }) > 300
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: 'The state of the registry is {{ "{{ $value | humanizeDuration }}" }} old.'
- alert: TrackletVersionPending
  expr: time() - min(tracklet_registry_pending_oldest_timestamp_seconds{ {{- $s -}} }) > {{ mulf $rule.pendingHours 3600 }}
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: 'A model version is in PENDING_REGISTRATION for {{ "{{ $value | humanizeDuration }}" }}.'
- alert: TrackletVersionWaits
  expr: max by (name) (time() - tracklet_registry_waiting_oldest_timestamp_seconds{ {{- $s -}} }) > {{ mulf $rule.waitingHours 3600 }}
  for: 5m
  labels: {severity: info}
  annotations:
    summary: 'A version of {{ "{{ $labels.name }} waits for an alias for {{ $value | humanizeDuration }}" }}.'
{{- range $rule.regressions }}
{{- $current := printf `max by (name, alias, metric) (tracklet_registry_alias_metric{%s,alias=%q,metric=%q,of="current"})` $s .alias .metric }}
{{- $previous := $current | replace `of="current"` `of="previous"` }}
{{- $lower := eq (default "higher" .better) "lower" }}
- alert: TrackletChampionIsWorse
  expr: {{ ternary $current $previous $lower }} - {{ ternary $previous $current $lower }} > {{ .by }}
  for: 5m
  {{- /* The series have them anyway; here they tell the rules apart. */}}
  labels: {severity: warning, alias: {{ .alias | quote }}, metric: {{ .metric | quote }}}
  annotations:
    summary: 'The {{ "{{ $labels.metric }} of {{ $labels.name }}@{{ $labels.alias }}" }} {{ ternary "rose" "fell" $lower }} by {{ "{{ $value | printf \"%.3g\" }}" }} against the version before.'
{{- end }}
- alert: TrackletRolledBack
  expr: max by (name, alias) (increase(tracklet_registry_alias_rollbacks_total{ {{- $s -}} }[1h])) > 0
  labels: {severity: info}
  annotations:
    summary: '{{ "{{ $labels.name }}@{{ $labels.alias }}" }} moved to an older version.'
{{- end -}}
