import { listenInNamespace } from "@slash28/linux";
import { serve, type AwsEndpoint, type ServingCertificate } from "../aws/index.ts";
import { INTERNET, type Fabric } from "../fabric/index.ts";
import { serveVpcResolver, type VpcResolverOptions } from "../resolver/index.ts";
import type { LabOrder } from "./lab-order.ts";
import type { Undo } from "./undo.ts";

const LOOPBACK = "127.0.0.1";
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

export interface InsideOptions {
  readonly fabric: Fabric | undefined;
  /** For AWS's names, as nodes and pods ask for them. */
  readonly certificate: () => Promise<ServingCertificate>;
}

/** On loopback for the operator, and beyond the VPC's gateway for the nodes; a web site stands there too. */
export async function serveAws(aws: AwsEndpoint, order: LabOrder, { fabric, certificate }: InsideOptions, undo: Undo): Promise<string> {
  const outside = await serve(aws.fetch, { kind: "port", host: LOOPBACK, port: order.awsPort }).catch(
    portInUse("--aws-port", order.awsPort),
  );
  undo.add("the AWS endpoint on loopback", () => outside.close());
  if (fabric !== undefined) {
    const inside = await serve(aws.fetch, { kind: "descriptor", fd: listenInNamespace(fabric.internet, INTERNET.aws, HTTP_PORT) });
    undo.add("the AWS endpoint of the nodes", () => inside.close());
    const secure = { kind: "descriptor", fd: listenInNamespace(fabric.internet, INTERNET.aws, HTTPS_PORT) } as const;
    const overTls = await serve(aws.fetch, secure, await certificate());
    undo.add("the AWS endpoint of the nodes, over TLS", () => overTls.close());
    const site = await serve(() => Promise.resolve(new Response("the internet is here\n")), {
      kind: "descriptor",
      fd: listenInNamespace(fabric.internet, INTERNET.site, HTTP_PORT),
    });
    undo.add("the web site", () => site.close());
  }
  return `http://${LOOPBACK}:${outside.port}`;
}

/** Rejects with what to do about it when a port that the operator chose is taken. */
export function portInUse(flag: string, port: number): (cause: unknown) => never {
  return (cause) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EADDRINUSE") throw new Error(`port ${port} on ${LOOPBACK} is in use; choose another with ${flag}, or 0 for any free one`);
    throw cause;
  };
}

/** DNS where instances look for it; without a fabric nobody would ask. */
export async function serveResolver(options: Omit<VpcResolverOptions, "router">, fabric: Fabric | undefined, undo: Undo): Promise<void> {
  if (fabric === undefined) return;
  const resolver = await serveVpcResolver({ ...options, router: fabric.router });
  undo.add("the VPC's resolver", () => resolver.close());
}
