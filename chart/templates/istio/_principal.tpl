{{/* {account, policy}: NAMESPACE/NAME as Istio writes a service account. */}}
{{- define "tracklet.principal" -}}
{{- $parts := splitList "/" .account -}}
{{ .policy.trustDomain }}/ns/{{ first $parts }}/sa/{{ last $parts }}
{{- end -}}
