{{/* Paths that move artifacts, behind the prefix: they take as long as their size. Prefixes. */}}
{{- define "tracklet.artifactPaths" -}}
[/api/2.0/mlflow-artifacts/, /ajax-api/2.0/mlflow-artifacts/, /get-artifact, /model-versions/get-artifact,
 /ajax-api/2.0/mlflow/upload-artifact, /api/2.0/mlflow/logged-models/, /ajax-api/2.0/mlflow/logged-models/, /kserve/,
 /api/2.0/mlflow/get-trace-artifact, /ajax-api/2.0/mlflow/get-trace-artifact,
 /api/3.0/mlflow/get-trace-artifact, /ajax-api/3.0/mlflow/get-trace-artifact]
{{- end -}}

{{/* {root, timeout, retries}: where a request goes. Only what never reached a server is sent again: a repeated POST could log twice. */}}
{{- define "tracklet.istioRoute" -}}
timeout: {{ .timeout }}
retries:
  attempts: {{ .root.Values.istio.virtualService.retries }}
  {{- if .root.Values.istio.virtualService.retries }}
  retryOn: connect-failure,refused-stream
  {{- end }}
{{- with .root.Values.istio.virtualService.removeRequestHeaders }}
headers:
  request:
    remove: {{ toJson . }}
{{- end }}
route:
  - destination:
      host: {{ include "tracklet.istioHost" .root }}
      port: {number: {{ .root.Values.service.port }}}
{{- end -}}

{{/* The Service by its whole name: a short one would be looked for in the namespace of whoever reads the rule. */}}
{{- define "tracklet.istioHost" -}}
{{ include "tracklet.serviceName" . }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}
{{- end -}}
