{{/* {root, name, weight, image, command, args, resources, env}: a Job before an installation changes anything. */}}
{{- define "tracklet.databaseJob" -}}
{{- $root := .root -}}
{{- $jobs := .root.Values.database.jobs -}}
{{- $hook := dict "helm.sh/hook" (join "," $jobs.hooks) "helm.sh/hook-weight" (toString .weight) "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "tracklet.metadata" (dict "root" .root "name" .name "component" "database" "annotations" (merge $hook $jobs.annotations)) | nindent 2 }}
spec:
  backoffLimit: {{ $jobs.backoffLimit }}
  activeDeadlineSeconds: {{ $jobs.activeDeadlineSeconds }}
  template:
    metadata:
      {{- with merge (dict) $jobs.podAnnotations .root.Values.commonAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      labels:
        {{- include "tracklet.labels" (dict "root" .root "component" "database" "labels" $jobs.podLabels) | nindent 8 }}
    spec:
      restartPolicy: Never
      {{- /* The release's own service account does not exist yet before the first installation. */}}
      serviceAccountName: {{ ternary "default" (include "tracklet.serviceAccountName" .root) .root.Values.serviceAccount.create }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext:
        {{- toYaml .root.Values.podSecurityContext | nindent 8 }}
      containers:
        - name: database
          image: {{ .image | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          command: {{ toJson .command }}
          args: {{ toJson .args }}
          env:
            {{- include "tracklet.databaseEnv" (dict "root" .root "secret" (printf "%s-database" (include "tracklet.fullname" .root))) | nindent 12 }}
            {{- with .env }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          resources:
            {{- toYaml .resources | nindent 12 }}
          securityContext:
            {{- toYaml .root.Values.securityContext | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            {{- include "tracklet.databaseMounts" .root | nindent 12 }}
      volumes:
        - name: tmp
          emptyDir: {sizeLimit: {{ .root.Values.tmpSizeLimit | quote }}}
        {{- include "tracklet.databaseVolumes" .root | nindent 8 }}
      {{- include "tracklet.placement" .root | nindent 6 }}
{{- end -}}

{{/* The arguments of `tracklet gc`. */}}
{{- define "tracklet.gcArgs" -}}
{{- $gc := .Values.gc -}}
{{- $args := list "gc" -}}
{{- with $gc.olderThan -}}{{- $args = append $args (printf "--older-than=%s" .) -}}{{- end -}}
{{- if $gc.jobs -}}{{- $args = append $args "--jobs" -}}{{- end -}}
{{- /* A server that serves no artifacts has no destination. Some place has to be named, and the database is one. */ -}}
{{- if not .Values.artifacts.serve -}}{{- $args = append $args "--tracking-uri=$(MLFLOW_BACKEND_STORE_URI)" -}}{{- end -}}
{{- toJson (concat $args $gc.extraArgs) -}}
{{- end -}}
