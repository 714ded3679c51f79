{{/* A probe of the server's health. {root, probe} */}}
{{- define "tracklet.probe" -}}
httpGet: {path: {{ printf "%s/health" .root.Values.server.staticPrefix }}, port: http}
{{ toYaml (omit .probe "enabled") }}
{{- end -}}

{{/* Seconds that a stopping Pod waits, where Kubernetes can wait without a program in the image. */}}
{{- define "tracklet.preStopSleep" -}}
{{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version -}}{{ .Values.preStopSleepSeconds }}{{- else -}}0{{- end -}}
{{- end -}}

{{- define "tracklet.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ .Values.tmpSizeLimit | quote }}}
{{- if include "tracklet.needsDataVolume" . }}
- name: data
  {{- if .Values.persistence.enabled }}
  persistentVolumeClaim: {claimName: {{ default (include "tracklet.fullname" .) .Values.persistence.existingClaim | quote }}}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}
{{- if include "tracklet.needsArtifactsVolume" . }}
- name: artifacts
  persistentVolumeClaim: {claimName: {{ default (printf "%s-artifacts" (include "tracklet.fullname" .)) .Values.artifacts.persistence.existingClaim | quote }}}
{{- end }}
{{- include "tracklet.databaseVolumes" . }}
{{- with .Values.artifacts.s3.caBundle }}
{{- if .existingSecret }}
- name: s3-ca
  secret: {secretName: {{ tpl .existingSecret $ | quote }}}
{{- else if .existingConfigMap }}
- name: s3-ca
  configMap: {name: {{ tpl .existingConfigMap $ | quote }}}
{{- end }}
{{- end }}
{{- include "tracklet.tracingVolumes" . }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "tracklet.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if include "tracklet.needsDataVolume" . }}
- {name: data, mountPath: {{ .Values.persistence.mountPath | quote }}}
{{- end }}
{{- if include "tracklet.needsArtifactsVolume" . }}
- {name: artifacts, mountPath: {{ .Values.artifacts.persistence.mountPath | quote }}}
{{- end }}
{{- include "tracklet.databaseMounts" . }}
{{- if or .Values.artifacts.s3.caBundle.existingSecret .Values.artifacts.s3.caBundle.existingConfigMap }}
- {name: s3-ca, mountPath: /etc/tracklet/s3-ca, readOnly: true}
{{- end }}
{{- include "tracklet.tracingMounts" . }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where a Pod may run: what the server, its Jobs and its test have in common. */}}
{{- define "tracklet.placement" -}}
{{- range $field := list "nodeSelector" "tolerations" "priorityClassName" "runtimeClassName" "hostAliases" "dnsConfig" "imagePullSecrets" }}
{{- with index $.Values $field }}
{{ $field }}: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* How Pods spread when nobody says so: never a reason not to start one. */}}
{{- define "tracklet.spread" -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "tracklet.selector" $ | nindent 6 }}
{{- end }}
{{- end -}}
