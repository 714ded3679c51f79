{{- define "tracklet.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 50 characters, so that every suffix of an object still fits into a DNS label. */}}
{{- define "tracklet.fullname" -}}
{{- $name := include "tracklet.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tracklet.serviceName" -}}
{{- default (include "tracklet.fullname" .) .Values.service.name -}}
{{- end -}}

{{- define "tracklet.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "tracklet.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The Secret that externalSecret writes; for `database.existingSecret` and its like as a template, too. */}}
{{- define "tracklet.externalSecretName" -}}
{{- default (printf "%s-external" (include "tracklet.fullname" .)) .Values.externalSecret.secretName -}}
{{- end -}}

{{/* Where Pods of other namespaces reach the server. */}}
{{- define "tracklet.url" -}}
http://{{ include "tracklet.serviceName" . }}.{{ .Release.Namespace }}:{{ .Values.service.port }}{{ .Values.server.staticPrefix }}
{{- end -}}

{{- define "tracklet.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry -}}{{ . }}/{{- end -}}
{{- $image.repository -}}
{{- if $image.digest -}}@{{ $image.digest }}{{- else -}}:{{ default .Chart.AppVersion $image.tag }}{{- end -}}
{{- end -}}

{{/* What selects the server's Pods. Jobs and test Pods are of another component: the Service must not find them. */}}
{{- define "tracklet.selector" -}}
{{ include "tracklet.componentSelector" (dict "root" . "component" "server") }}
{{- end -}}

{{/* {root, component}: what selects the Pods of a component. */}}
{{- define "tracklet.componentSelector" -}}
app.kubernetes.io/name: {{ include "tracklet.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* {root, component?, labels?}: labels of an object. */}}
{{- define "tracklet.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/name" (include "tracklet.name" .root)
  "app.kubernetes.io/instance" .root.Release.Name
  "app.kubernetes.io/component" (default "server" .component)
  "app.kubernetes.io/version" (.root.Chart.AppVersion | toString)
  "app.kubernetes.io/managed-by" .root.Release.Service
  "app.kubernetes.io/part-of" "tracklet" -}}
{{- toYaml (merge $own (default dict .labels) .root.Values.commonLabels) -}}
{{- end -}}

{{/* {root, name, namespace?, cluster?, component?, labels?, annotations?}: the metadata of an object. */}}
{{- define "tracklet.metadata" -}}
name: {{ .name }}
{{- if not .cluster }}
namespace: {{ default .root.Release.Namespace .namespace }}
{{- end }}
labels:
  {{- include "tracklet.labels" (dict "root" .root "component" .component "labels" .labels) | nindent 2 }}
{{- with merge (dict) (default dict .annotations) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* {root, value, kind, versions, restricts?}: the first of `versions` that the cluster offers, or nothing. */}}
{{- define "tracklet.api" -}}
{{- $found := "" -}}
{{- range .versions -}}
{{- $offered := $.root.Capabilities.APIVersions -}}
{{- if and (not $found) (or ($offered.Has .) ($offered.Has (printf "%s/%s" . $.kind))) -}}{{- $found = . -}}{{- end -}}
{{- end -}}
{{- if and (not $found) (or .restricts (not .root.Values.skipMissingApis)) -}}
{{- $how := ternary "leave it off" "leave it off or set skipMissingApis" (default false .restricts) -}}
{{- fail (printf "\n\n%s: the cluster does not offer %s in %s. Install what does, or %s; `helm template` is told by --api-versions %s.\n" .value .kind (first .versions) $how (first .versions)) -}}
{{- end -}}
{{- $found -}}
{{- end -}}
