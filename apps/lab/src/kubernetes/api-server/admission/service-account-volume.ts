import { at, isFields, listOf, own, withField, type Fields, type KubeObject } from "@slash28/kube-store";

import { eachOf } from "./default-pod.ts";

const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const VOLUME_PREFIX = "kube-api-access-";
const MIRROR = "kubernetes.io/config.mirror";
/** An hour and a little, so that nobody mistakes it for one that somebody asked for. */
const TOKEN_SECONDS = 3607;
const READABLE = 0o644;

/**
 * What the ServiceAccount admission plugin does to a new pod's spec: the volume with the account's token, the CA and the namespace, mounted
 * into every container that has nothing there, and the account's pull secrets for a pod without its own. `suffix` makes the volume's name.
 */
export function withAccount(pod: KubeObject, spec: Fields, account: KubeObject, suffix: string): Fields {
  if (pod.metadata.annotations?.[MIRROR] !== undefined) return spec;
  const pulls = listOf(own(spec, "imagePullSecrets"));
  const given = listOf(account["imagePullSecrets"]);
  const pulling = pulls.length === 0 && given.length > 0 ? withField(spec, "imagePullSecrets", given) : spec;
  return isTokenWanted(pulling, account) ? withToken(pulling, suffix) : pulling;
}

/** The pod's own word counts before its account's. */
function isTokenWanted(spec: Fields, account: KubeObject): boolean {
  return (own(spec, "automountServiceAccountToken") ?? account["automountServiceAccountToken"]) !== false;
}

function withToken(spec: Fields, suffix: string): Fields {
  const present = listOf(own(spec, "volumes")).find((volume) => String(at(volume, "name")).startsWith(VOLUME_PREFIX));
  const name = present === undefined ? `${VOLUME_PREFIX}${suffix}` : String(at(present, "name"));
  const mount = (container: Fields): Fields => {
    const mounts = listOf(own(container, "volumeMounts"));
    const hasOwn = mounts.some((one) => isFields(one) && one["mountPath"] === MOUNT_PATH);
    return hasOwn ? container : withField(container, "volumeMounts", [...mounts, { name, readOnly: true, mountPath: MOUNT_PATH }]);
  };
  const mounted = eachOf(eachOf(spec, "initContainers", mount), "containers", mount);
  // Where every container has something of its own in that place, nobody needs the volume.
  if (mounted === spec || present !== undefined) return mounted;
  return withField(mounted, "volumes", [...listOf(own(spec, "volumes")), tokenVolume(name)]);
}

function tokenVolume(name: string): Fields {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
      ],
      defaultMode: READABLE,
    },
  };
}
