import type { Clock, Log } from "@slash28/ports";
import { createApiServer, type ApiServer, type ApiServerOptions } from "../../kubernetes/api-server/index.ts";
import { startControllers } from "../../kubernetes/controllers/index.ts";
import { startScheduler } from "../../kubernetes/scheduler/index.ts";
import { openApiGateway, type ApiGateway, type ApiGatewayOptions } from "../api-gateway.ts";

/** Made elsewhere and given to the control plane: who may come in, where pods run, where it keeps its objects. */
export interface ClusterUnitOptions
  extends
    Pick<ApiServerOptions, "issuer" | "identifyToken" | "saved" | "onWrite" | "keys" | "serviceCidr">,
    Pick<ApiServerOptions, "runtimeFor" | "dialPod" | "advertise" | "names">,
    Pick<ApiGatewayOptions, "host" | "port" | "mayMove" | "listenInside"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** A cluster's control plane: API server, controllers and scheduler, which start and end together. */
export interface ClusterUnit {
  readonly api: ApiServer;
  readonly gateway: ApiGateway;
  close(): Promise<void>;
}

/** Starts a control plane. Rejects with Node's error when its port is taken; nothing is left then. */
export async function startClusterUnit(options: ClusterUnitOptions): Promise<ClusterUnit> {
  const { clock, log, random, host, port, mayMove = false, listenInside, ...parts } = options;
  const api = await createApiServer({ ...parts, clock, log: log.child({ part: "api" }) });
  const gateway = await openApiGateway({ api, host, port, mayMove, listenInside }).catch(async (cause: unknown) => {
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
