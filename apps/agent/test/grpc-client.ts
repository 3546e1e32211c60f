import { fileURLToPath } from "node:url";
import { credentials, loadPackageDefinition, type Client, type ServiceClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

export type Reply = Readonly<Record<string, unknown>>;

/** A client as anybody would make it from the .proto files. */
export interface RpcClient {
  /** `rpc.CNIBackend/AddNetwork` and so on; rejects with the gRPC error. */
  call(method: string, request?: Reply): Promise<Reply>;
  close(): void;
}

const folder = fileURLToPath(new URL("../src/grpc/", import.meta.url));

export function rpcClient(socketPath: string): RpcClient {
  const loaded = loadSync(["rpc.proto", "health.proto"], { includeDirs: [folder], keepCase: true, defaults: true, enums: String });
  const packages = loadPackageDefinition(loaded);
  const clients = new Map<string, Client>();
  const clientOf = (service: string): Client => {
    const found = clients.get(service);
    if (found !== undefined) return found;
    let at: unknown = packages;
    for (const part of service.split(".")) at = (at as Record<string, unknown>)[part];
    const made = new (at as ServiceClientConstructor)(`unix://${socketPath}`, credentials.createInsecure());
    clients.set(service, made);
    return made;
  };
  return {
    call(method, request = {}) {
      const [service = "", name = ""] = method.split("/");
      const client = clientOf(service) as unknown as Record<
        string,
        (request: Reply, done: (error: ServiceError | null, reply: Reply) => void) => void
      >;
      return new Promise((resolve, reject) => client[name]!(request, (error, reply) => (error === null ? resolve(reply) : reject(error))));
    },
    close: () => clients.forEach((client) => client.close()),
  };
}
