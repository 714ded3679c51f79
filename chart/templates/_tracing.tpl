{{/* The variables of OpenTelemetry. They come behind the user's own: `endpoint` may name one of those, such as $(NODE_IP). */}}
{{- define "tracklet.tracingEnv" -}}
{{- $tracing := .Values.tracing -}}
{{- if $tracing.endpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ $tracing.endpoint | quote }}}
- {name: OTEL_SERVICE_NAME, value: {{ default (include "tracklet.fullname" .) $tracing.serviceName | quote }}}
{{- with $tracing.headers.existingSecret }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  {{- include "tracklet.fromSecret" (dict "name" (tpl . $) "key" $tracing.headers.key) | nindent 2 }}
{{- end }}
{{- with $tracing.compression }}
- {name: OTEL_EXPORTER_OTLP_COMPRESSION, value: {{ . | quote }}}
{{- end }}
{{- with $tracing.sampler }}
- {name: OTEL_TRACES_SAMPLER, value: {{ . | quote }}}
{{- if hasSuffix "traceidratio" . }}
- {name: OTEL_TRACES_SAMPLER_ARG, value: {{ $tracing.ratio | toString | quote }}}
{{- end }}
{{- end }}
{{- if or $tracing.caBundle.existingSecret $tracing.caBundle.existingConfigMap }}
- {name: OTEL_EXPORTER_OTLP_CERTIFICATE, value: {{ printf "/etc/tracklet/tracing-ca/%s" $tracing.caBundle.key | quote }}}
{{- end }}
{{- with $tracing.clientCertificate }}
{{- if .existingSecret }}
- {name: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, value: {{ printf "/etc/tracklet/tracing-client/%s" .certificateKey | quote }}}
- {name: OTEL_EXPORTER_OTLP_CLIENT_KEY, value: {{ printf "/etc/tracklet/tracing-client/%s" .privateKeyKey | quote }}}
{{- end }}
{{- end }}
- {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
{{- $about := list }}
{{- range $name, $value := $tracing.resourceAttributes }}
{{- $about = append $about (printf "%s=%s" $name ($value | urlquery | replace "+" "%20")) }}
{{- end }}
{{- range $name, $value := dict "k8s.namespace.name" .Release.Namespace "k8s.pod.name" "$(POD_NAME)" }}
{{- if not (hasKey $tracing.resourceAttributes $name) }}{{ $about = append $about (printf "%s=%s" $name $value) }}{{ end }}
{{- end }}
- {name: OTEL_RESOURCE_ATTRIBUTES, value: {{ join "," $about | quote }}}
{{- end }}
{{- end -}}

{{- define "tracklet.tracingVolumes" -}}
{{- with .Values.tracing }}
{{- if and .endpoint .caBundle.existingSecret }}
- name: tracing-ca
  secret: {secretName: {{ tpl .caBundle.existingSecret $ | quote }}}
{{- else if and .endpoint .caBundle.existingConfigMap }}
- name: tracing-ca
  configMap: {name: {{ tpl .caBundle.existingConfigMap $ | quote }}}
{{- end }}
{{- if and .endpoint .clientCertificate.existingSecret }}
- name: tracing-client
  secret: {secretName: {{ tpl .clientCertificate.existingSecret $ | quote }}, defaultMode: 0440}
{{- end }}
{{- end }}
{{- end -}}
{{- define "tracklet.tracingMounts" -}}
{{- with .Values.tracing }}
{{- if and .endpoint (or .caBundle.existingSecret .caBundle.existingConfigMap) }}
- {name: tracing-ca, mountPath: /etc/tracklet/tracing-ca, readOnly: true}
{{- end }}
{{- if and .endpoint .clientCertificate.existingSecret }}
- {name: tracing-client, mountPath: /etc/tracklet/tracing-client, readOnly: true}
{{- end }}
{{- end }}
{{- end -}}

{{/* The peers of a NetworkPolicy that take spans: those that are named, else the namespace of the Service that the endpoint names; nothing where
it names none. */}}
{{- define "tracklet.collectorPeers" -}}
{{- $name := (urlParse .Values.tracing.endpoint).hostname -}}
{{- $labels := splitList "." $name -}}
{{- if .Values.networkPolicy.egress.collector -}}
{{- toYaml .Values.networkPolicy.egress.collector -}}
{{- else if not (regexMatch "^[a-z][a-z0-9-]*([.][a-z0-9-]+([.]svc([.].+)?)?)?$" $name) -}}
{{- else if eq (len $labels) 1 -}}
- podSelector: {}
{{- else -}}
- namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ index $labels 1 }}}}
{{- end -}}
{{- end -}}

{{/* The port of the collector, by its URL. */}}
{{- define "tracklet.collectorPort" -}}
{{- $url := urlParse .Values.tracing.endpoint -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}
