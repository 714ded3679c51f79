"""Whether what the objects of a release say of each other is so: names, selectors, ports, keys, paths. What a renderer and a
schema cannot see."""

import re

DNS = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
POD_KINDS = {"CronJob", "Deployment", "Job", "Pod"}


class Release:
    """The rendered objects, and what exists outside: {(kind, name): keys}. `complaints` is what is wrong."""

    def __init__(self, manifests, outside=(), namespace="ml"):
        self.manifests, self.namespace = manifests, namespace
        self.outside = {(kind, name): set(keys) for kind, name, *keys in outside}
        self.complaints, self.used = [], set()

    def check(self):
        self.names()
        for entry in self.manifests:
            pod = pod_of(entry)
            if pod:
                self.pod(entry, pod)
            getattr(self, f"check_{entry['kind'].lower()}", lambda _: None)(entry)
        for unused in set(self.outside) - self.used:
            self.wrong("outside", f"nothing names {unused}")
        return self.complaints

    def wrong(self, where, what):
        self.complaints.append(f"{where if isinstance(where, str) else named(where)}: {what}")

    # What exists.

    def names(self):
        seen = set()
        for entry in self.manifests:
            meta = entry["metadata"]
            key = (entry["kind"], meta.get("namespace"), meta["name"])
            if key in seen:
                self.wrong(entry, "is there twice")
            seen.add(key)
            if not DNS.fullmatch(meta["name"]):
                self.wrong(entry, "its name is no DNS label")
            if entry["kind"] != "ClusterStorageContainer" and not meta.get("namespace"):
                self.wrong(entry, "has no namespace")

    def own(self, kind, name, hook=None):
        """An object of the release's namespace; for a hook only what is there when it runs."""
        for entry in self.manifests:
            meta = entry["metadata"]
            if (entry["kind"], meta["name"], meta.get("namespace")) == (kind, name, self.namespace):
                if hook is None or is_before(entry, hook):
                    return entry
        return None

    def refer(self, where, kind, name, key=None, hook=None):
        entry = self.own(kind, name, hook)
        if entry:
            keys = set(entry.get("data", {})) | set(entry.get("stringData", {}))
        elif (kind, name) in self.outside:
            self.used.add((kind, name))
            keys = self.outside[kind, name]
        else:
            return self.wrong(where, f"there is no {kind} {name}")
        if key and key not in keys:
            self.wrong(where, f"{kind} {name} has no key {key}")
        return entry

    def server(self):
        (deployment,) = [entry for entry in self.manifests if entry["kind"] == "Deployment"]
        return deployment

    def service(self, where, name):
        return self.refer(where, "Service", name)

    # Pods.

    def pod(self, entry, pod):
        hook = entry if is_hook(entry, "pre-install") else None
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        containers = pod.get("initContainers", []) + pod["containers"]
        mounted = {mount["name"] for container in containers for mount in container.get("volumeMounts", [])}
        for name in mounted - set(volumes):
            self.wrong(entry, f"mounts the volume {name}, which it has not")
        for name in set(volumes) - mounted:
            self.wrong(entry, f"does not mount its volume {name}")
        for volume in volumes.values():
            self.volume(entry, volume, hook)
        account = pod.get("serviceAccountName", "default")
        if account != "default":
            self.refer(entry, "ServiceAccount", account, hook=hook)
        for secret in pod.get("imagePullSecrets", []):
            self.refer(entry, "Secret", secret["name"])
        for container in containers:
            self.container(entry, container, hook)
            self.files(entry, container, volumes)
        if pod.get("restartPolicy") is None and pod["terminationGracePeriodSeconds"] <= self.grace(pod["containers"][0]):
            self.wrong(entry, "is killed before the server has finished")

    def volume(self, entry, volume, hook):
        if "secret" in volume:
            self.refer(entry, "Secret", volume["secret"]["secretName"], hook=hook)
        if "configMap" in volume:
            self.refer(entry, "ConfigMap", volume["configMap"]["name"], hook=hook)
        if "persistentVolumeClaim" in volume:
            self.refer(entry, "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"], hook=hook)

    def container(self, entry, container, hook):
        names = [variable["name"] for variable in container.get("env", [])]
        for name in {name for name in names if names.count(name) > 1}:
            self.wrong(entry, f"sets {name} twice")
        for variable in container.get("env", []):
            for kind, field in (("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")):
                if reference := variable.get("valueFrom", {}).get(field):
                    self.refer(entry, kind, reference["name"], reference["key"], hook)
        for source in container.get("envFrom", []):
            for kind, field in (("Secret", "secretRef"), ("ConfigMap", "configMapRef")):
                if field in source and not source[field].get("optional"):
                    self.refer(entry, kind, source[field]["name"], hook=hook)
        for number, variable in enumerate(container.get("env", [])):
            for name in re.findall(r"\$\((\w+)\)", variable.get("value", "")):
                if name not in names[:number]:
                    self.wrong(entry, f"expands {name}, which it does not set before")
        for argument in container.get("command", []) + container.get("args", []):
            for name in re.findall(r"\$\((\w+)\)", argument):
                if name not in names:
                    self.wrong(entry, f"expands {name}, which it does not set")
        ports = {port["name"] for port in container.get("ports", [])}
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            if probe := container.get(kind):
                if probe["httpGet"]["port"] not in ports:
                    self.wrong(entry, f"its {kind} asks a port that it has not")
                if probe["httpGet"]["path"] != self.variables(container).get("MLFLOW_STATIC_PREFIX", "") + "/health":
                    self.wrong(entry, f"its {kind} asks for a path that is not served")
        annotations = entry["spec"].get("template", {}).get("metadata", {}).get("annotations", {})
        if scraped := annotations.get("prometheus.io/port"):
            (port,) = [port["containerPort"] for port in container["ports"] if port["name"] == self.metrics_port()]
            if scraped != str(port):
                self.wrong(entry, "is scraped at a port without metrics")
        if "http" in ports and entry["kind"] == "Deployment":
            (port,) = [port["containerPort"] for port in container["ports"] if port["name"] == "http"]
            if str(port) != self.variables(container).get("MLFLOW_PORT"):
                self.wrong(entry, "listens on another port than it says")

    def variables(self, container):
        """The plain variables of a container: those of its ConfigMaps, then its own."""
        found = {}
        for source in container.get("envFrom", []):
            if entry := self.own("ConfigMap", source.get("configMapRef", {}).get("name")):
                found |= entry["data"]
        return found | {variable["name"]: variable["value"] for variable in container.get("env", []) if "value" in variable}

    def files(self, entry, container, volumes):
        """Every file that a variable names is below a mount, a file of a Secret under one of its keys; what is written is on a volume."""
        mounts = {mount["mountPath"].rstrip("/"): mount for mount in container.get("volumeMounts", [])}
        variables = self.variables(container)
        for name in ("PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "AWS_CA_BUNDLE", "OTEL_EXPORTER_OTLP_CERTIFICATE",
                     "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY"):
            if path := variables.get(name):
                folder, _, key = path.rpartition("/")
                mount = mounts.get(folder)
                volume = volumes.get(mount["name"], {}) if mount else {}
                if "secret" in volume:
                    self.refer(entry, "Secret", volume["secret"]["secretName"], key)
                elif "configMap" in volume:
                    self.refer(entry, "ConfigMap", volume["configMap"]["name"], key)
                else:
                    self.wrong(entry, f"{name} names {path}, where nothing is mounted")
        database = variables.get("MLFLOW_BACKEND_STORE_URI", "")
        written = [database.removeprefix("sqlite:///").rpartition("/")[0]] if database.startswith("sqlite:///") else []
        destination = variables.get("MLFLOW_ARTIFACTS_DESTINATION", "")
        written += [destination] if destination.startswith("/") else []
        for folder in written:
            if not any(folder == mount or folder.startswith(mount + "/") for mount in mounts if not mounts[mount].get("readOnly")):
                self.wrong(entry, f"writes to {folder}, which is on no volume")

    def grace(self, container):
        wait = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        return int(self.variables(container).get("TRACKLET_SHUTDOWN_GRACE", 25)) + wait

    # Everything that points at Pods.

    def selects(self, where, selector, kind="Deployment"):
        """A selector finds the server's Pods, or those of another kind, and no other Pod of the release."""
        for entry in self.manifests:
            if entry["kind"] in POD_KINDS:
                found = selector.items() <= labels_of(entry).items()
                if found != (entry["kind"] == kind):
                    self.wrong(where, f"{'selects' if found else 'does not select'} the Pods of {named(entry)}")

    def check_deployment(self, entry):
        self.selects(entry, entry["spec"]["selector"]["matchLabels"])
        for constraint in entry["spec"]["template"]["spec"]["topologySpreadConstraints"]:
            self.selects(entry, constraint["labelSelector"]["matchLabels"])

    def check_service(self, entry):
        self.selects(entry, entry["spec"]["selector"])
        ports = {port["name"] for port in self.server()["spec"]["template"]["spec"]["containers"][0]["ports"]}
        for port in entry["spec"]["ports"]:
            if port["targetPort"] not in ports:
                self.wrong(entry, f"sends to the port {port['targetPort']}, which no container has")

    def check_poddisruptionbudget(self, entry):
        self.selects(entry, entry["spec"]["selector"]["matchLabels"])

    def check_servicemonitor(self, entry):
        spec = entry["spec"]
        (service,) = [entry for entry in self.manifests if entry["kind"] == "Service"]
        if not spec["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items():
            self.wrong(entry, "does not select the Service")
        if spec["namespaceSelector"]["matchNames"] != [self.namespace]:
            self.wrong(entry, "looks for the Service in another namespace")
        for endpoint in spec["endpoints"]:
            if endpoint["port"] not in {port["name"] for port in service["spec"]["ports"]}:
                self.wrong(entry, f"scrapes the port {endpoint['port']}, which the Service has not")
            if endpoint["port"] != self.metrics_port():
                self.wrong(entry, "scrapes a port without metrics")

    def metrics_port(self):
        """The name of the port that serves /metrics, by what the server is told."""
        container = self.server()["spec"]["template"]["spec"]["containers"][0]
        address = self.variables(container).get("TRACKLET_METRICS_ADDRESS") or f":{self.variables(container)['MLFLOW_PORT']}"
        names = {str(port["containerPort"]): port["name"] for port in container["ports"]}
        return names.get(address.rpartition(":")[2])

    def check_prometheusrule(self, entry):
        """The alerts are about the series that the ServiceMonitor makes: its job is the Service's name."""
        (service,) = [entry["metadata"]["name"] for entry in self.manifests if entry["kind"] == "Service"]
        for rule in (rule for group in entry["spec"]["groups"] for rule in group["rules"]):
            for namespace, job in re.findall(r'\{namespace="(.*?)",job="(.*?)"', rule["expr"]):
                if (namespace, job) != (self.namespace, service):
                    self.wrong(entry, f"{rule.get('alert')} is about {job} in {namespace}")

    def check_cronjob(self, entry):
        """It deletes what the server has: it is told and mounts the same, gets there, and may connect to the same."""
        pod, server = pod_of(entry), self.server()
        (container,), (told, *_) = pod["containers"], pod_of(server)["containers"]
        if len(entry["metadata"]["name"]) > 52:
            self.wrong(entry, "its name is too long for Jobs of it")
        for field in ("image", "env", "envFrom", "volumeMounts"):
            if container.get(field) != told.get(field):
                self.wrong(entry, f"has another {field} than the server")
        if pod["volumes"] != pod_of(server)["volumes"]:
            self.wrong(entry, "has other volumes than the server")
        near = pod.get("affinity", {}).get("podAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", [])
        for term in near:
            self.selects(entry, term["labelSelector"]["matchLabels"])
        claims = [volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"] if "persistentVolumeClaim" in volume]
        claims = [claim for claim in (self.own("PersistentVolumeClaim", name) for name in claims) if claim]
        if any("ReadWriteMany" not in claim["spec"]["accessModes"] for claim in claims) != bool(near):
            self.wrong(entry, "is on the server's node where it need not be, or not where it has to be")
        policies = [policy["spec"] for policy in self.manifests if policy["kind"] == "NetworkPolicy"]
        if len({repr((policy["policyTypes"], policy.get("egress"))) for policy in policies}) > 1:
            self.wrong(entry, "may connect to something else than the server")
        if policies and not any(policy["podSelector"]["matchLabels"].items() <= labels_of(entry).items() for policy in policies):
            self.wrong(entry, "has no policy")

    def check_networkpolicy(self, entry):
        of_gc = entry["metadata"]["labels"]["app.kubernetes.io/component"] == "gc"
        self.selects(entry, entry["spec"]["podSelector"]["matchLabels"], "CronJob" if of_gc else "Deployment")
        for rule in entry["spec"]["ingress"]:
            for port in rule["ports"]:
                if port["port"] not in {port["name"] for port in self.server()["spec"]["template"]["spec"]["containers"][0]["ports"]}:
                    self.wrong(entry, f"opens the port {port['port']}, which no container has")

        endpoint = self.variables(self.server()["spec"]["template"]["spec"]["containers"][0]).get("OTEL_EXPORTER_OTLP_ENDPOINT")
        if endpoint and "Egress" in entry["spec"]["policyTypes"]:
            port = int(endpoint.rpartition(":")[2])
            if not any(port == opened["port"] for rule in entry["spec"]["egress"] for opened in rule.get("ports", [])):
                self.wrong(entry, f"does not let spans out to {endpoint}")

    def check_horizontalpodautoscaler(self, entry):
        target = entry["spec"]["scaleTargetRef"]
        self.refer(entry, target["kind"], target["name"])
        if "replicas" in self.server()["spec"]:
            self.wrong(entry, "the Deployment sets the number of Pods as well")

    def check_pod(self, entry):
        """The test asks the Service."""
        arguments = dict(part.removeprefix("--").split("=", 1) for part in entry["spec"]["containers"][0]["args"] if "=" in part)
        service = self.service(entry, arguments["host"])
        if service and int(arguments["port"]) not in {port["port"] for port in service["spec"]["ports"]}:
            self.wrong(entry, "asks a port that the Service has not")
        server = self.server()["spec"]["template"]["spec"]["containers"][0]
        if arguments["static-prefix"] != self.variables(server).get("MLFLOW_STATIC_PREFIX", ""):
            self.wrong(entry, "asks for another prefix")

    # Everything that points at the Service.

    def to_service(self, where, host, port):
        name, _, rest = host.partition(".")
        if rest and not rest.startswith(self.namespace):
            self.wrong(where, f"{host} is in another namespace")
        service = self.service(where, name)
        if service and port is not None and port not in {port[key] for port in service["spec"]["ports"] for key in ("name", "port")}:
            self.wrong(where, f"the Service has no port {port}")

    def check_ingress(self, entry):
        for rule in entry["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                self.to_service(entry, service["name"], service["port"].get("name", service["port"].get("number")))
        for tls in entry["spec"].get("tls", []):
            self.certificate(entry, tls["secretName"], self.namespace)

    def check_httproute(self, entry):
        for rule in entry["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                self.to_service(entry, backend["name"], backend["port"])

    def check_virtualservice(self, entry):
        for gateway in entry["spec"]["gateways"]:
            if "/" not in gateway and not self.own("Gateway", gateway):
                self.wrong(entry, f"there is no Gateway {gateway}")
        for route in entry["spec"]["http"]:
            for target in route["route"]:
                self.to_service(entry, target["destination"]["host"], target["destination"]["port"]["number"])

    def check_destinationrule(self, entry):
        self.to_service(entry, entry["spec"]["host"], None)

    def check_gateway(self, entry):
        for server in entry["spec"]["servers"]:
            if name := server.get("tls", {}).get("credentialName"):
                self.certificate(entry, name, "istio-system")

    def check_peerauthentication(self, entry):
        self.selects(entry, entry["spec"]["selector"]["matchLabels"])

    check_requestauthentication = check_authorizationpolicy = check_peerauthentication

    def certificate(self, where, secret, namespace):
        for entry in self.manifests:
            if entry["kind"] == "Certificate" and (entry["spec"]["secretName"], entry["metadata"]["namespace"]) == (secret, namespace):
                return
        self.wrong(where, f"no Certificate writes {secret} in {namespace}")

    def check_clusterstoragecontainer(self, entry):
        (uri,) = [variable["value"] for variable in entry["spec"]["container"]["env"] if variable["name"] == "MLFLOW_TRACKING_URI"]
        if match := re.fullmatch(r"http://([^:/]+):(\d+)(.*)", uri):
            self.to_service(entry, match[1], int(match[2]))
            server = self.server()["spec"]["template"]["spec"]["containers"][0]
            if match[3] != self.variables(server).get("MLFLOW_STATIC_PREFIX", ""):
                self.wrong(entry, "asks for another prefix")
        for source in entry["spec"]["container"].get("envFrom", []):
            if not source["secretRef"].get("optional"):
                self.wrong(entry, "a model without credentials would not start")

    def check_externalsecret(self, entry):
        keys = {data["secretKey"] for data in entry["spec"].get("data", [])}
        if not keys <= self.outside.get(("Secret", entry["spec"]["target"]["name"]), set()):
            self.wrong(entry, "writes a Secret that nothing reads")


def named(entry):
    return f"{entry['kind']} {entry['metadata']['name']}"


def template_of(entry):
    """What a Pod is made of, for the kinds that make one."""
    if entry["kind"] == "CronJob":
        return entry["spec"]["jobTemplate"]["spec"]["template"]
    return entry if entry["kind"] == "Pod" else entry["spec"]["template"]


def pod_of(entry):
    return template_of(entry)["spec"] if entry["kind"] in POD_KINDS else None


def labels_of(entry):
    return template_of(entry)["metadata"]["labels"]


def is_hook(entry, which):
    return which in entry["metadata"].get("annotations", {}).get("helm.sh/hook", "").split(",")


def is_before(entry, hook):
    """Whether an object is there when a hook runs that comes before the installation."""
    weight = lambda entry: int(entry["metadata"]["annotations"].get("helm.sh/hook-weight", 0))
    return is_hook(entry, "pre-install") and (entry is hook or weight(entry) < weight(hook))
