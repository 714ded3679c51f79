{{/* What the server's Pods, and those that reach the same database and storage, may connect to; nothing where that is not restricted. */}}
{{- define "tracklet.egress" -}}
{{- with .Values.networkPolicy.egress }}
{{- if .enabled }}
egress:
  - to:
      - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
    ports:
      - {port: 53, protocol: UDP}
      - {port: 53, protocol: TCP}
  {{- if $.Values.tracing.endpoint }}
  - to:
      {{- include "tracklet.collectorPeers" $ | nindent 6 }}
    ports:
      - {port: {{ include "tracklet.collectorPort" $ }}, protocol: TCP}
  {{- end }}
  {{- with .rules }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}
