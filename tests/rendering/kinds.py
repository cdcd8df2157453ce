"""Properties of every component type and every trait, as much as there is to say, for tests to start from."""

from typing import Any

IMAGE = "registry.shop.example/web:v1"
CONFIG_MAP: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings"},
    "data": {"colour": "blue"},
}
PROBE = {"httpGet": {"path": "/", "port": 80, "httpHeaders": [{"name": "A", "value": "b"}]}}
CONTAINER: dict[str, Any] = {
    "image": IMAGE,
    "imagePullPolicy": "IfNotPresent",
    "imagePullSecrets": ["registry"],
    "cmd": ["serve"],
    "env": [
        {"name": "A", "value": "b"},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "url"}}},
        {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ],
    "cpu": "250m",
    "memory": "64Mi",
    "volumeMounts": {
        "pvc": [{"name": "data", "mountPath": "/data", "claimName": "data"}],
        "configMap": [{"name": "conf", "mountPath": "/etc/conf", "cmName": "settings"}],
        "secret": [
            {
                "name": "cert",
                "mountPath": "/etc/cert",
                "secretName": "cert",
                "defaultMode": 256,
                "items": [{"key": "tls.key", "path": "key", "mode": 256}],
            }
        ],
        "emptyDir": [
            {"name": "tmp", "mountPath": "/tmp", "medium": "Memory"},
            {"name": "tmp", "mountPath": "/var/tmp", "subPath": "var"},
        ],
        "hostPath": [{"name": "logs", "mountPath": "/logs", "path": "/var/log", "readOnly": True}],
    },
    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["db"]}],
    "labels": {"team": "shop"},
    "annotations": {"note": "hello"},
}
LISTENING = {**CONTAINER, "livenessProbe": PROBE, "readinessProbe": PROBE, "port": 8080}
JOB = {**CONTAINER, "count": 2, "restart": "OnFailure", "backoffLimit": 3}
COMPLETE: dict[str, dict[str, Any]] = {
    "webservice": {**LISTENING, "ports": [{"port": 53, "protocol": "UDP", "expose": True}]},
    "worker": {**CONTAINER, "progressDeadlineSeconds": 60},
    "task": {**JOB, "activeDeadlineSeconds": 600, "ttlSecondsAfterFinished": 3600},
    "cron-task": {**JOB, "schedule": "*/5 * * * *", "concurrencyPolicy": "Forbid"},
    "daemon": {**LISTENING, "exposeType": "NodePort"},
    "statefulset": {**LISTENING, "ports": [{"port": 81, "containerPort": 8081, "expose": True}]},
    "k8s-objects": {"objects": [CONFIG_MAP]},
    "raw": CONFIG_MAP,
    "terraform": {
        "hcl": 'variable "size" {}',
        "variable": {"size": "small"},
        "writeConnectionSecretToRef": {"name": "db-conn"},
    },
}
TRAIT: dict[str, dict[str, Any]] = {
    "scaler": {"replicas": 3},
    "hpa": {
        "min": 2,
        "max": 5,
        "cpu": {"type": "Utilization", "value": 60},
        "mem": {"type": "AverageValue", "value": 100},
        "podCustomMetrics": [{"name": "requests", "value": "10"}],
    },
    "gateway": {
        "domain": "shop.example",
        "http": {"/": 8080, "/api": 9090},
        "secretName": "tls",
        "annotations": {"a": "b"},
    },
    "ingress": {"http": {"/": 8080}, "class": "traefik", "classInSpec": True, "name": "public"},
    "expose": {"ports": [{"port": 9090, "nodePort": 30090}], "type": "NodePort"},
    "env": {"env": {"A": "c", "NEW": "x"}, "unset": ["B"]},
    "service-binding": {
        "envMappings": {
            "DB_HOST": {"secret": "db-conn"},
            "A": {"secret": "db-conn", "key": "DB_USER"},
        }
    },
    "command": {"command": ["run"], "addArgs": ["--fast"]},
    "resource": {"requests": {"cpu": 0.1, "memory": "32Mi"}, "limits": {"memory": "1Gi"}},
    "sidecar": {
        "name": "logs",
        "image": "registry.shop.example/logs:v1",
        "cmd": ["tail"],
        "env": [{"name": "A", "value": "b"}],
        "livenessProbe": {"exec": {"command": ["true"]}},
    },
    "init-container": {
        "name": "fetch",
        "image": "registry.shop.example/fetch:v1",
        "appMountPath": "/app",
        "initMountPath": "/work",
    },
    "storage": {
        "pvc": [{"name": "files", "mountPath": "/files", "storageClassName": "fast"}],
        "configMap": [
            {
                "name": "more",
                "mountPath": "/etc/more",
                "data": {"a": "b"},
                "mountToEnv": {"envName": "MORE", "configMapKey": "a"},
            }
        ],
        "secret": [
            {
                "name": "keys",
                "mountOnly": True,
                "mountToEnvs": [{"envName": "KEY", "secretKey": "k"}],
            }
        ],
        "emptyDir": [{"name": "scratch", "mountPath": "/scratch"}],
        "hostPath": [{"name": "node", "path": "/etc", "mountPath": "/node"}],
    },
    "service-account": {
        "name": "shop",
        "create": True,
        "privileges": [
            {"verbs": ["get"], "resources": ["pods"]},
            {"verbs": ["list"], "apiGroups": ["apps"], "resources": ["*"], "scope": "cluster"},
        ],
    },
    "labels": {"tier": "front", "team": None},
    "annotations": {"owner": "dev"},
    "json-patch": {
        "operations": [{"op": "add", "path": "/metadata/annotations", "value": {"p": "q"}}]
    },
    "json-merge-patch": {"metadata": {"annotations": {"m": "n"}}},
}
