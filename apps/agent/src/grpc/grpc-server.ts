import type { Socket } from "node:net";
import {
  Server,
  ServerCredentials,
  status as STATUS,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { DESCRIPTOR } from "./generated/descriptor.ts";
import type { RpcBackend } from "./rpc-backend.ts";
import type { RpcAnswer, RpcFields } from "./rpc-messages.ts";

/** A gRPC server that listens nowhere itself: connections are handed to it. */
export interface GrpcServer {
  accept(connection: Socket): void;
  /** Answers what is under way, then ends every connection. */
  close(): Promise<void>;
}

type Unary = (request: RpcFields) => RpcAnswer | Promise<RpcAnswer>;

export function createGrpcServer(backend: RpcBackend): GrpcServer {
  const definitions = fromJSON(DESCRIPTOR, { keepCase: true, defaults: true, enums: Number });
  const server = new Server();
  const add = (service: string, methods: Readonly<Record<string, Unary>>): void => {
    const handlers: UntypedServiceImplementation = {};
    for (const [name, answer] of Object.entries(methods)) handlers[name] = unary(answer);
    server.addService(definitions[service] as ServiceDefinition, handlers);
  };
  add("rpc.CNIBackend", { AddNetwork: (request) => backend.addNetwork(request), DelNetwork: (request) => backend.delNetwork(request) });
  add("rpc.ConfigServerBackend", { GetNetworkPolicyConfigs: () => backend.networkPolicyConfig() });
  add("grpc.health.v1.Health", { Check: (request) => backend.health(String(request["service"])) });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    accept: (connection) => injector.injectConnection(connection),
    close: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  };
}

function unary(answer: Unary): handleUnaryCall<RpcFields, RpcFields> {
  return async (call, done) => {
    const given = await answer(call.request);
    if (given.kind === "reply") done(null, given.fields);
    else done({ code: STATUS[given.code], details: given.message });
  };
}
