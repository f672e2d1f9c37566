"""
What may stand in the custom resources of the chart.

Of these kinds no checker has a schema, so these hold the fields that are used here and no other: a misspelt one fails.
They follow the definitions of Gateway API 1.4, KEDA 2.18, prometheus-operator 0.86, cert-manager 1.19, CloudNativePG
1.28 and its Barman Cloud plugin 0.9.
"""

from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string", "minLength": 1}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
TEXTS: Final[Schema] = {"type": "object", "additionalProperties": {"type": "string"}}


def shape(required: dict[str, Schema], **optional: Schema) -> Schema:
    """Return the schema of an object with these fields and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**required, **optional},
    }


def rows(item: Schema) -> Schema:
    """Return the schema of a list that is not empty."""
    return {"type": "array", "minItems": 1, "items": item}


_KEY = shape({"name": TEXT, "key": TEXT})
_PARENT = shape({"name": TEXT}, namespace=TEXT, sectionName=TEXT)
_TRIGGER = shape({"type": {"enum": ["nats-jetstream", "cpu"]}, "metadata": TEXTS}, metricType={"const": "Utilization"})
_RULE = shape(
    {"expr": {"type": ["string", "number"]}}, alert=TEXT, record=TEXT, labels=TEXTS, annotations=TEXTS, **{"for": TEXT}
)

SPECS: Final[dict[str, Schema]] = {
    "gateway.networking.k8s.io/v1 HTTPRoute": shape(
        {
            "parentRefs": rows(_PARENT),
            "rules": rows(
                shape(
                    {
                        "matches": rows(shape({"path": shape({"type": {"const": "PathPrefix"}, "value": TEXT})})),
                        "backendRefs": rows(shape({"name": TEXT, "port": COUNT})),
                    }
                )
            ),
        },
        hostnames=rows(TEXT),
    ),
    "keda.sh/v1alpha1 ScaledObject": shape(
        {
            "scaleTargetRef": shape({"name": TEXT}),
            "minReplicaCount": {"type": "integer", "minimum": 1},
            "maxReplicaCount": COUNT,
            "fallback": shape({"failureThreshold": COUNT, "replicas": COUNT}),
            "triggers": rows(_TRIGGER),
        }
    ),
    "monitoring.coreos.com/v1 ServiceMonitor": shape(
        {
            "selector": shape({"matchLabels": TEXTS}),
            "jobLabel": TEXT,
            "endpoints": rows(
                shape(
                    {"port": TEXT, "path": TEXT, "interval": TEXT, "scheme": {"const": "https"}},
                    tlsConfig=shape({"serverName": TEXT, "ca": shape({"secret": _KEY})}),
                )
            ),
        }
    ),
    "monitoring.coreos.com/v1 PrometheusRule": shape(
        {"groups": {"type": "array", "items": shape({"name": TEXT, "rules": rows(_RULE)}, interval=TEXT)}}
    ),
    "cert-manager.io/v1 Certificate": shape(
        {
            "secretName": TEXT,
            "issuerRef": shape({"name": TEXT, "kind": {"enum": ["Issuer", "ClusterIssuer"]}}),
            "commonName": TEXT,
            "dnsNames": rows(TEXT),
            "usages": rows({"enum": ["server auth", "client auth"]}),
            "privateKey": shape({"algorithm": TEXT, "size": COUNT, "rotationPolicy": {"const": "Always"}}),
            "duration": TEXT,
            "renewBefore": TEXT,
        }
    ),
    "barmancloud.cnpg.io/v1 ObjectStore": shape(
        {
            "retentionPolicy": {"type": "string", "pattern": "^[1-9][0-9]*[dwm]$"},
            "configuration": shape(
                {
                    "destinationPath": TEXT,
                    "endpointURL": TEXT,
                    "s3Credentials": shape({"accessKeyId": _KEY, "secretAccessKey": _KEY}),
                    "wal": shape({"compression": TEXT, "maxParallel": COUNT}),
                    "data": shape({"compression": TEXT}),
                }
            ),
        }
    ),
    "postgresql.cnpg.io/v1 Cluster": shape(
        {
            "instances": {"const": 3},
            "imageName": TEXT,
            "enableSuperuserAccess": {"const": False},
            "storage": shape({"size": TEXT}),
            "walStorage": shape({"size": TEXT}),
            "resources": shape({"requests": TEXTS, "limits": TEXTS}),
            "affinity": shape(
                {"enablePodAntiAffinity": {"const": True}, "topologyKey": TEXT, "podAntiAffinityType": TEXT}
            ),
            "postgresql": shape(
                {
                    "synchronous": shape(
                        {"method": {"const": "any"}, "number": {"const": 1}, "dataDurability": {"const": "required"}}
                    ),
                    "parameters": TEXTS,
                    "pg_hba": rows(TEXT),
                }
            ),
            "bootstrap": shape({"initdb": shape({"encoding": TEXT, "localeCType": TEXT, "localeCollate": TEXT})}),
            "plugins": rows(shape({"name": TEXT, "isWALArchiver": {"const": True}, "parameters": TEXTS})),
        }
    ),
    "postgresql.cnpg.io/v1 ScheduledBackup": shape(
        {
            "schedule": {"type": "string", "pattern": r"^(\S+ ){5}\S+$"},
            "immediate": {"type": "boolean"},
            "backupOwnerReference": {"enum": ["none", "self", "cluster"]},
            "cluster": shape({"name": TEXT}),
            "method": {"const": "plugin"},
            "pluginConfiguration": shape({"name": TEXT}),
        }
    ),
}
"""The specification of each kind, by version and kind."""
