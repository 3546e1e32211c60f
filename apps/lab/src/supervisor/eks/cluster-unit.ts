import type { Cidr4, Ipv4 } from "@slash28/address";
import type { Clock, Log } from "@slash28/ports";
import { createApiServer, type ApiServer, type ApiServerOptions } from "../../kubernetes/api-server/index.ts";
import { startControllers } from "../../kubernetes/controllers/index.ts";
import { startScheduler } from "../../kubernetes/scheduler/index.ts";
import { openApiGateway, type ApiGateway } from "../api-gateway.ts";

/** Made elsewhere and given to the control plane: who may come in, where pods run, where it keeps its objects. */
export interface ClusterUnitOptions extends Pick<ApiServerOptions, "issuer" | "identifyToken" | "saved" | "onWrite" | "keys"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly host: string;
  readonly port: number;
  /** Names and addresses its certificate speaks for besides the usual ones. */
  readonly names?: readonly string[];
  readonly serviceCidr?: Cidr4;
  readonly advertise?: { readonly address: Ipv4; readonly port: number };
}

/** A cluster's control plane: API server, controllers and scheduler, which start and end together. */
export interface ClusterUnit {
  readonly api: ApiServer;
  readonly gateway: ApiGateway;
  close(): Promise<void>;
}

/** Starts a control plane without nodes. Rejects with Node's error when its port is taken; nothing is left then. */
export async function startClusterUnit(options: ClusterUnitOptions): Promise<ClusterUnit> {
  const { clock, log, random, host, port, names, serviceCidr, advertise, issuer, identifyToken, saved, onWrite, keys } = options;
  const api = await createApiServer({
    clock,
    log: log.child({ part: "api" }),
    // Kubelets of another cluster are none of its business.
    runtimeFor: () => undefined,
    saved,
    onWrite,
    ...(keys === undefined ? {} : { keys }),
    ...(names === undefined ? {} : { names }),
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
    ...(advertise === undefined ? {} : { advertise }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(identifyToken === undefined ? {} : { identifyToken }),
  });
  const gateway = await openApiGateway({ api, host, port, listenInside: undefined }).catch(async (cause: unknown) => {
    await api.close();
    throw cause;
  });
  const controllers = startControllers({ kube: gateway.kube, clock, random, log: log.child({ part: "controllers" }), caPem: api.caPem });
  const scheduler = startScheduler({ kube: gateway.kube, clock, random, log: log.child({ part: "scheduler" }) });
  return {
    api,
    gateway,
    async close() {
      await scheduler.stop();
      await controllers.stop();
      await gateway.close();
      await api.close();
    },
  };
}
