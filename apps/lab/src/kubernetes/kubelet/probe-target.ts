import type { NetworkProbe } from "./container-runtime.ts";
import type { Container, Probe } from "./pod.ts";

export type ProbeTarget =
  | { readonly kind: "command"; readonly command: readonly string[] }
  | { readonly kind: "network"; readonly probe: NetworkProbe }
  | { readonly kind: "impossible"; readonly why: string };

export interface ProbePlace {
  readonly podIp: string;
}

/** What a probe does, for a pod at this address. */
export function probeTarget(probe: Probe, container: Container, place: ProbePlace): ProbeTarget {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1_000;
  const { exec, httpGet, tcpSocket } = probe;
  if (exec !== undefined) return { kind: "command", command: exec.command ?? [] };
  if (probe.grpc !== undefined) {
    const { port, service = "" } = probe.grpc;
    return { kind: "network", probe: { address: place.podIp, port, timeoutMs, grpc: { service } } };
  }
  const action = httpGet ?? tcpSocket;
  if (action === undefined) return { kind: "impossible", why: "the probe has none of exec, httpGet, tcpSocket and grpc" };
  const port = portNumber(action.port, container);
  if (port === undefined) return { kind: "impossible", why: `the container has no port named ${action.port}` };
  const address = addressOf(action.host, place);
  if (httpGet === undefined) return { kind: "network", probe: { address, port, timeoutMs } };
  // What speaks TLS is probed by opening a connection: kubelet does not look at the certificate either.
  if (httpGet.scheme === "HTTPS") return { kind: "network", probe: { address, port, timeoutMs } };
  const given = httpGet.httpHeaders ?? [];
  const host = given.find(({ name }) => name.toLowerCase() === "host")?.value ?? `${address}:${port}`;
  const headers = given.filter(({ name }) => name.toLowerCase() !== "host").map(({ name, value }) => `${name}: ${value}`);
  return { kind: "network", probe: { address, port, timeoutMs, http: { path: httpGet.path ?? "/", host, headers } } };
}

/** Names are not looked up, but for the one that every machine knows. */
function addressOf(host: string | undefined, { podIp }: ProbePlace): string {
  return host === "localhost" ? "127.0.0.1" : (host ?? podIp);
}

function portNumber(port: number | string, container: Container): number | undefined {
  if (typeof port === "number") return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  return named ?? (/^\d+$/.test(port) ? Number(port) : undefined);
}
