{{/* What the database is: none, uri, secret, pieces or sqlite. */}}
{{- define "tracklet.database" -}}
{{- $database := .Values.database -}}
{{- if .Values.artifacts.only -}}none
{{- else if $database.uri -}}{{- ternary "sqlite" "uri" (hasPrefix "sqlite" (lower $database.uri)) -}}
{{- else if $database.existingSecret -}}secret
{{- else if or $database.postgresql.host $database.postgresql.existingSecret -}}pieces
{{- else -}}sqlite
{{- end -}}
{{- end -}}

{{- define "tracklet.sqliteUri" -}}
{{- default (printf "sqlite:///%s/mlflow.db" (trimSuffix "/" .Values.persistence.mountPath)) .Values.database.uri -}}
{{- end -}}

{{/* Where the server keeps artifacts. */}}
{{- define "tracklet.destination" -}}
{{- if .Values.artifacts.destination -}}{{ .Values.artifacts.destination }}
{{- else if .Values.artifacts.persistence.enabled -}}{{ .Values.artifacts.persistence.mountPath }}
{{- else -}}{{ trimSuffix "/" .Values.persistence.mountPath }}/artifacts
{{- end -}}
{{- end -}}

{{/* The folder that artifacts need, without a trailing slash; nothing where they are in S3 or none are served. */}}
{{- define "tracklet.folder" -}}
{{- $destination := include "tracklet.destination" . -}}
{{- if and (or .Values.artifacts.serve .Values.artifacts.only) (not (contains "://" $destination)) -}}
{{- trimSuffix "/" $destination -}}
{{- end -}}
{{- end -}}

{{/* {folder, mount}: whether the folder is the mount or below it. */}}
{{- define "tracklet.below" -}}
{{- $mount := trimSuffix "/" .mount -}}
{{- if or (eq .folder $mount) (hasPrefix (printf "%s/" $mount) .folder) -}}yes{{- end -}}
{{- end -}}

{{/* {folder, mounts} */}}
{{- define "tracklet.belowAny" -}}
{{- range .mounts -}}{{- include "tracklet.below" (dict "folder" $.folder "mount" .) -}}{{- end -}}
{{- end -}}

{{/* Whether the Pod needs the volume for artifacts alone, and the one for all data. */}}
{{- define "tracklet.needsArtifactsVolume" -}}
{{- if and .Values.artifacts.persistence.enabled (include "tracklet.folder" .) -}}yes{{- end -}}
{{- end -}}
{{- define "tracklet.needsDataVolume" -}}
{{- $folder := include "tracklet.folder" . -}}
{{- if eq (include "tracklet.database" .) "sqlite" -}}yes
{{- else if and $folder (include "tracklet.below" (dict "folder" $folder "mount" .Values.persistence.mountPath)) -}}yes
{{- end -}}
{{- end -}}

{{/* Why there can be one Pod only; nothing where there can be more. */}}
{{- define "tracklet.onePodBecause" -}}
{{- $shared := "ReadWriteMany" -}}
{{- if eq (include "tracklet.database" .) "sqlite" -}}SQLite is for one Pod: use PostgreSQL
{{- else if and (include "tracklet.needsDataVolume" .) (not .Values.persistence.enabled) -}}artifacts are in a folder of the Pod: use S3, or a ReadWriteMany volume in artifacts.persistence
{{- else if and (include "tracklet.needsDataVolume" .) (not (has $shared .Values.persistence.accessModes)) -}}artifacts are on the volume of persistence, which is not ReadWriteMany: use S3, or artifacts.persistence
{{- else if and (include "tracklet.needsArtifactsVolume" .) (not (has $shared .Values.artifacts.persistence.accessModes)) -}}the volume of artifacts.persistence is not ReadWriteMany
{{- end -}}
{{- end -}}

{{/* Why a second Pod cannot have the server's volumes, not even on its node; nothing where it can. */}}
{{- define "tracklet.noSecondPodBecause" -}}
{{- $alone := list "ReadWriteOncePod" -}}
{{- if and (include "tracklet.needsDataVolume" .) (not .Values.persistence.enabled) -}}what it would delete is in a folder of the Pod
{{- else if and (include "tracklet.needsDataVolume" .) (deepEqual $alone .Values.persistence.accessModes) -}}the volume of persistence is ReadWriteOncePod
{{- else if and (include "tracklet.needsArtifactsVolume" .) (deepEqual $alone .Values.artifacts.persistence.accessModes) -}}the volume of artifacts.persistence is ReadWriteOncePod
{{- end -}}
{{- end -}}

{{/* {name, values}: the spec of a claim. */}}
{{- define "tracklet.claimSpec" -}}
accessModes: {{ toJson .accessModes }}
{{- if eq .storageClass "-" }}
storageClassName: ""
{{- else if .storageClass }}
storageClassName: {{ .storageClass }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}
