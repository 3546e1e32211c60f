import { formatAddress, type Ipv4, type Ipv6 } from "@slash28/address";
import { associationOf, serviceRangeOf, type ClusterRecord, type Eks } from "@slash28/eks";
import type { Clock, Kube, Log } from "@slash28/ports";
import { issuerUrl } from "../../aws/eks/index.ts";
import { createApiServer, type ApiServer, type ApiServerOptions } from "../../kubernetes/api-server/index.ts";
import { startControllers } from "../../kubernetes/controllers/index.ts";
import { startScheduler } from "../../kubernetes/scheduler/index.ts";
import { keptObjects, type KeptLog, type ObjectRecord } from "../../state/index.ts";
import { openApiGateway, type ApiGateway } from "../api-gateway.ts";
import { Undo } from "../undo.ts";
import type { ClusterPlace } from "./control-plane-place.ts";
import { createIamAuthenticator, type IamCallers } from "./iam-authenticator.ts";

export interface ClusterUnitOptions {
  readonly eks: Eks;
  /** Who holds an IAM token; who of them may come in, the cluster's record says. */
  readonly callers: IamCallers;
  readonly place: ClusterPlace;
  /** Where it keeps its objects, and its authority and signing keys. */
  readonly objects: KeptLog<ObjectRecord>;
  readonly keys: ApiServerOptions["keys"];
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** A cluster's control plane: API server, controllers and scheduler, which start and end together. */
export interface ClusterUnit {
  readonly api: ApiServer;
  readonly gateway: ApiGateway;
  /** The API as the cluster's own nodes reach it, a URL. */
  readonly endpoint: string;
  /** Resolves also when parts of it hang. */
  close(): Promise<void>;
}

/** Starts the control plane of a cluster on EKS's books. Rejects with Node's error when its port is taken; nothing is left then. */
export async function startClusterUnit(cluster: ClusterRecord, options: ClusterUnitOptions): Promise<ClusterUnit> {
  const undo = new Undo(options.log);
  try {
    return await startParts(cluster, options, undo);
  } catch (cause) {
    await undo.run();
    throw cause;
  }
}

async function startParts(cluster: ClusterRecord, options: ClusterUnitOptions, undo: Undo): Promise<ClusterUnit> {
  const { eks, callers, place, keys, clock, log, random } = options;
  const { host, port, mayMove = false, listenInside, ...within } = place;
  const late: { kube?: Kube } = {};
  const clusterOf = (): ClusterRecord | undefined => eks.state.clusters[cluster.name];
  const objects = keptObjects(options.objects);
  const api = await createApiServer({
    ...within,
    saved: objects.saved,
    onWrite: (write) => objects.onWrite(write),
    keys,
    issuer: issuerUrl(eks, cluster.issuerId),
    identifyToken: createIamAuthenticator({ callers, clusterOf, kube: () => late.kube, clock, log }),
    serviceRange: serviceRangeOf(cluster.network),
    podIdentity: {
      region: eks.region,
      isIpv6: cluster.network.ipFamily === "ipv6",
      isAssociated: (namespace, serviceAccount) => {
        const now = clusterOf();
        return now !== undefined && associationOf(now, namespace, serviceAccount) !== undefined;
      },
    },
    clock,
    log: log.child({ part: "api" }),
  });
  undo.add("the Kubernetes API", () => api.close());
  late.kube = api.kube;
  const gateway = await openApiGateway({ api, host, port, mayMove, listenInside });
  undo.add("the API's listeners", () => gateway.close());
  const controllers = startControllers({
    kube: gateway.kubeOf("kube-controller-manager"),
    clock,
    random,
    log: log.child({ part: "controllers" }),
    caPem: api.caPem,
  });
  undo.add("the controllers", () => controllers.stop());
  const scheduler = startScheduler({ kube: gateway.kubeOf("kube-scheduler"), clock, random, log: log.child({ part: "scheduler" }) });
  undo.add("the scheduler", () => scheduler.stop());
  const { advertise } = within;
  const endpoint = advertise === undefined ? gateway.outside.url : urlOf(advertise.address);
  return { api, gateway, endpoint, close: () => undo.run() };
}

function urlOf(address: Ipv4 | Ipv6): string {
  const text = formatAddress(address);
  return `https://${typeof address === "bigint" ? `[${text}]` : text}`;
}
