import { ClusterIndex, namedService, namedSlice, podAddress, type ClusterNames } from "@slash28/cluster-dns";
import { createInformer, RESOURCES, type Informer } from "@slash28/kube";
import type { Clock, Kube, KubeObject, KubeResource, Log } from "@slash28/ports";
import { trimmedKube } from "./trimmed-kube.ts";

export interface FollowOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The cluster as it is now, followed through the API. */
export interface FollowedCluster {
  readonly names: ClusterNames;
  /** Everything has been seen once. */
  readonly isComplete: () => boolean;
  readonly synced: Promise<void>;
  /** Pods cost the most, and only verified pod names need them. */
  followPods(): void;
  stop(): Promise<void>;
}

/** Follows services, endpoint slices and namespaces: what the ClusterRole system:coredns allows. */
export function followCluster(options: FollowOptions): FollowedCluster {
  const index = new ClusterIndex();
  const informers: Informer<KubeObject>[] = [];
  let waitingFor = 0;
  const follow = (resource: KubeResource, keep: readonly string[], put: (object: KubeObject, isThere: boolean) => void): Promise<void> => {
    const informer = createInformer<KubeObject>(
      trimmedKube(options.kube, (object) => kept(object, keep)),
      resource,
      options,
    );
    informers.push(informer);
    waitingFor++;
    informer.onChange((change) => put(change.object, change.type !== "deleted"));
    return informer.synced.then(() => void waitingFor--);
  };
  const place = ({ metadata }: KubeObject): [string, string] => [metadata.namespace ?? "", metadata.name];
  const synced = Promise.all([
    follow(RESOURCES.namespaces, [], (object, isThere) => index.setNamespace(object.metadata.name, isThere)),
    follow(RESOURCES.services, ["spec"], (object, isThere) =>
      index.setService(...place(object), isThere ? namedService(object) : undefined),
    ),
    follow(RESOURCES.endpointSlices, ["addressType", "ports", "endpoints"], (object, isThere) =>
      index.setSlice(...place(object), isThere ? namedSlice(object) : undefined),
    ),
  ]).then(() => undefined);
  let hasPods = false;
  return {
    names: index,
    isComplete: () => waitingFor === 0,
    synced,
    followPods() {
      if (hasPods) return;
      hasPods = true;
      void follow(RESOURCES.pods, ["status"], (object, isThere) =>
        index.setPod(...place(object), isThere ? podAddress(object) : undefined),
      );
    },
    stop: async () => void (await Promise.all(informers.map((informer) => informer.stop()))),
  };
}

/** Name, version and the fields that DNS reads. */
function kept({ apiVersion, kind, metadata, ...rest }: KubeObject, fields: readonly string[]): KubeObject {
  const { name, namespace, uid, resourceVersion, labels } = metadata;
  const service = labels?.["kubernetes.io/service-name"];
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(service === undefined ? {} : { labels: { "kubernetes.io/service-name": service } }),
    },
    ...Object.fromEntries(fields.map((field) => [field, rest[field]])),
  };
}
