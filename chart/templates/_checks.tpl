{{/* Combinations that would install and then not work. Every one is said at once. */}}
{{- define "tracklet.check" -}}
{{- $wrong := list -}}
{{- $values := .Values -}}
{{- $database := $values.database -}}
{{- $pieces := $database.postgresql -}}
{{- $kind := include "tracklet.database" . -}}
{{- $several := or $values.autoscaling.enabled (gt (int $values.replicaCount) 1) -}}
{{- $destination := include "tracklet.destination" . -}}
{{- $folder := include "tracklet.folder" . -}}
{{- $s3 := $values.artifacts.s3 -}}
{{- $istio := $values.istio -}}

{{- $named := list -}}
{{- if $database.uri -}}{{- $named = append $named "database.uri" -}}{{- end -}}
{{- if $database.existingSecret -}}{{- $named = append $named "database.existingSecret" -}}{{- end -}}
{{- if or $pieces.host $pieces.existingSecret -}}{{- $named = append $named "database.postgresql" -}}{{- end -}}
{{- if gt (len $named) 1 -}}{{- $wrong = append $wrong (printf "%s: give one of them" (join " and " $named)) -}}{{- end -}}
{{- if and $named $values.artifacts.only -}}{{- $wrong = append $wrong (printf "%s: a server with artifacts.only has no database" (first $named)) -}}{{- end -}}
{{- if and $database.uri (not (regexMatch "^(?i)(postgres(ql)?|sqlite)(\\+[a-z0-9]+)?://" $database.uri)) -}}
{{- $wrong = append $wrong "database.uri: begins with postgresql:// or sqlite:///; other databases are not supported" -}}
{{- end -}}
{{- if hasPrefix "sqlite:////" $database.uri -}}
{{- $file := trimPrefix "sqlite:///" $database.uri | splitList "?" | first -}}
{{- $mounts := list $values.persistence.mountPath -}}
{{- range $values.extraVolumeMounts -}}{{- $mounts = append $mounts .mountPath -}}{{- end -}}
{{- if not (include "tracklet.belowAny" (dict "folder" $file "mounts" $mounts)) -}}{{- $wrong = append $wrong (printf "database.uri: %s is on no volume; volumes are at %s" $file (join ", " $mounts)) -}}{{- end -}}
{{- else if hasPrefix "sqlite" $database.uri -}}
{{- $wrong = append $wrong "database.uri: a file of SQLite is named absolutely, sqlite:////data/mlflow.db" -}}
{{- end -}}
{{- if and $pieces.existingSecret $pieces.password -}}{{- $wrong = append $wrong "database.postgresql.password and database.postgresql.existingSecret: give one of them" -}}{{- end -}}
{{- if and (eq $kind "pieces") (not $pieces.host) (not $pieces.keys.host) -}}{{- $wrong = append $wrong "database.postgresql.host or database.postgresql.keys.host: the server's name is missing" -}}{{- end -}}
{{- if and $pieces.caBundle.existingSecret $pieces.caBundle.existingConfigMap -}}{{- $wrong = append $wrong "database.postgresql.caBundle: a Secret or a ConfigMap, not both" -}}{{- end -}}
{{- if and (or $database.check.enabled $database.upgrade.enabled) (has $kind (list "sqlite" "none")) -}}
{{- $wrong = append $wrong "database.check and database.upgrade: a Job cannot reach the database; they need PostgreSQL" -}}
{{- end -}}
{{- if and $values.externalSecret.enabled (or $database.check.enabled $database.upgrade.enabled) (has "pre-install" $database.jobs.hooks) (has $kind (list "secret" "pieces")) -}}
{{- $wrong = append $wrong "database.jobs.hooks: before the first install there is no Secret of externalSecret; use [\"pre-upgrade\"]" -}}
{{- end -}}

{{- if $several -}}{{- with include "tracklet.onePodBecause" . -}}
{{- $wrong = append $wrong (printf "%s with more than one Pod: %s" (ternary "autoscaling.enabled" "replicaCount" $values.autoscaling.enabled) .) -}}
{{- end -}}{{- end -}}
{{- if gt (int $values.autoscaling.minReplicas) (int $values.autoscaling.maxReplicas) -}}{{- $wrong = append $wrong "autoscaling: minReplicas is more than maxReplicas" -}}{{- end -}}
{{- $budget := $values.podDisruptionBudget -}}
{{- if and (ne (toString $budget.minAvailable) "") (ne (toString $budget.maxUnavailable) "") -}}{{- $wrong = append $wrong "podDisruptionBudget: empty maxUnavailable to use minAvailable" -}}{{- end -}}

{{- if and (contains "://" $destination) (not (hasPrefix "s3://" (lower $destination))) -}}{{- $wrong = append $wrong (printf "artifacts.destination: %s is neither a folder nor s3://BUCKET/PREFIX" $destination) -}}{{- end -}}
{{- if and $folder (not (hasPrefix "/" $folder)) -}}{{- $wrong = append $wrong "artifacts.destination: a folder is named absolutely" -}}{{- end -}}
{{- if and $folder (hasPrefix "/" $folder) -}}
{{- $mounts := list $values.persistence.mountPath -}}
{{- if $values.artifacts.persistence.enabled -}}{{- $mounts = append $mounts $values.artifacts.persistence.mountPath -}}{{- end -}}
{{- range $values.extraVolumeMounts -}}{{- $mounts = append $mounts .mountPath -}}{{- end -}}
{{- if not (include "tracklet.belowAny" (dict "folder" $folder "mounts" $mounts)) -}}{{- $wrong = append $wrong (printf "artifacts.destination: %s is on no volume; volumes are at %s" $folder (join ", " $mounts)) -}}{{- end -}}
{{- end -}}
{{- if and $values.artifacts.persistence.enabled (not $folder) -}}{{- $wrong = append $wrong "artifacts.persistence: the server keeps no artifacts in a folder" -}}{{- end -}}
{{- if and (not $values.artifacts.serve) (not $values.artifacts.only) (not $values.artifacts.defaultRoot) -}}{{- $wrong = append $wrong "artifacts.serve is false: artifacts.defaultRoot has to say where clients keep artifacts" -}}{{- end -}}
{{- if and $values.artifacts.presignedOnly (not (hasPrefix "s3://" (lower $destination))) -}}{{- $wrong = append $wrong "artifacts.presignedOnly: needs an artifacts.destination in S3" -}}{{- end -}}
{{- if and $s3.existingSecret (or $s3.accessKeyId $s3.secretAccessKey) -}}{{- $wrong = append $wrong "artifacts.s3.existingSecret and keys in the values: give one of them" -}}{{- end -}}
{{- if ne (empty $s3.accessKeyId) (empty $s3.secretAccessKey) -}}{{- $wrong = append $wrong "artifacts.s3: accessKeyId and secretAccessKey belong together" -}}{{- end -}}
{{- if and $s3.caBundle.existingSecret $s3.caBundle.existingConfigMap -}}{{- $wrong = append $wrong "artifacts.s3.caBundle: a Secret or a ConfigMap, not both" -}}{{- end -}}

{{- if and $values.gc.enabled $values.artifacts.only -}}{{- $wrong = append $wrong "gc: a server with artifacts.only has no database, and knows nothing that is deleted" -}}{{- end -}}
{{- if $values.gc.enabled -}}{{- with include "tracklet.noSecondPodBecause" . -}}{{- $wrong = append $wrong (printf "gc cannot reach it from a Pod of its own: %s" .) -}}{{- end -}}{{- end -}}

{{- if and $values.ingress.enabled (not $values.ingress.hosts) -}}{{- $wrong = append $wrong "ingress.hosts: is empty" -}}{{- end -}}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) -}}{{- $wrong = append $wrong "httpRoute.parentRefs: is empty" -}}{{- end -}}
{{- if and (or $istio.gateway.enabled $istio.virtualService.enabled) (not $istio.hosts) -}}{{- $wrong = append $wrong "istio.hosts: is empty" -}}{{- end -}}
{{- if and $istio.virtualService.enabled (not $istio.gateway.enabled) (not $istio.virtualService.gateways) -}}{{- $wrong = append $wrong "istio.virtualService.gateways: name a gateway, or enable istio.gateway" -}}{{- end -}}
{{- if and $istio.requestAuthentication.enabled (not $istio.requestAuthentication.jwtRules) -}}{{- $wrong = append $wrong "istio.requestAuthentication.jwtRules: is empty" -}}{{- end -}}
{{- with $istio.authorizationPolicy -}}
{{- if .enabled -}}
{{- if and .users (not $values.server.userHeader) -}}{{- $wrong = append $wrong "istio.authorizationPolicy.users: server.userHeader has to name the header" -}}{{- end -}}
{{- if and .requireJwt (not $istio.requestAuthentication.enabled) -}}{{- $wrong = append $wrong "istio.authorizationPolicy.requireJwt: needs istio.requestAuthentication" -}}{{- end -}}
{{- if not (or .gateways .serviceAccounts .namespaces .extraRules) -}}{{- $wrong = append $wrong "istio.authorizationPolicy: nobody is let in" -}}{{- end -}}
{{- if and (or .users .requireJwt) (not .gateways) -}}{{- $wrong = append $wrong "istio.authorizationPolicy.gateways: is empty, so no user is let in" -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $values.certificate.enabled -}}
{{- if not $values.certificate.issuerRef.name -}}{{- $wrong = append $wrong "certificate.issuerRef.name: is empty" -}}{{- end -}}
{{- if not $values.certificate.dnsNames -}}{{- $wrong = append $wrong "certificate.dnsNames: is empty" -}}{{- end -}}
{{- end -}}
{{- if $values.externalSecret.enabled -}}
{{- if not $values.externalSecret.secretStoreRef.name -}}{{- $wrong = append $wrong "externalSecret.secretStoreRef.name: is empty" -}}{{- end -}}
{{- if not (or $values.externalSecret.data $values.externalSecret.dataFrom) -}}{{- $wrong = append $wrong "externalSecret: data and dataFrom are empty" -}}{{- end -}}
{{- end -}}
{{- if eq (int $values.metrics.port) (int $values.server.port) -}}{{- $wrong = append $wrong "metrics.port: is that of the server" -}}{{- end -}}
{{- $tracing := $values.tracing -}}
{{- if and $tracing.caBundle.existingSecret $tracing.caBundle.existingConfigMap -}}{{- $wrong = append $wrong "tracing.caBundle: a Secret or a ConfigMap, not both" -}}{{- end -}}
{{- if and $tracing.endpoint $values.networkPolicy.enabled $values.networkPolicy.egress.enabled (not (include "tracklet.collectorPeers" .)) -}}
{{- $wrong = append $wrong "networkPolicy.egress.collector: has to say who takes the spans, as tracing.endpoint names no Service of the cluster" -}}
{{- end -}}
{{- range $values.metrics.prometheusRule.regressions -}}
{{- if not (has .metric $values.metrics.registryMetrics) -}}{{- $wrong = append $wrong (printf "metrics.prometheusRule.regressions: %s is not in metrics.registryMetrics, so its values are not known" .metric) -}}{{- end -}}
{{- end -}}
{{- if and $values.metrics.annotations $values.metrics.serviceMonitor.enabled -}}{{- $wrong = append $wrong "metrics.annotations and metrics.serviceMonitor: everything would be counted twice" -}}{{- end -}}
{{- if and $values.kserve.credentials.namespaces (not (and $values.kserve.credentials.env $values.kserve.storageContainer.credentialsSecret)) -}}{{- $wrong = append $wrong "kserve.credentials: namespaces need env, and kserve.storageContainer.credentialsSecret" -}}{{- end -}}
{{- if $wrong -}}{{- fail (printf "\n\n%s\n" (join "\n" $wrong)) -}}{{- end -}}
{{- end -}}
