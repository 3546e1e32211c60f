import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const folder = fileURLToPath(new URL("../../apps/agent/src/grpc/", import.meta.url));

/** The agent's .proto files as the JSON that its gRPC library reads: a bundle has no files beside it to parse. */
export function grpcDescriptor(): string {
  const root = new protobuf.Root();
  root.define("google.protobuf").add(new protobuf.Type("Empty"));
  for (const file of ["rpc.proto", "health.proto"]) protobuf.parse(readFileSync(`${folder}${file}`, "utf8"), root, { keepCase: true });
  return [
    "// Made by tools/make-docs.ts from the .proto files one folder up; change those, not this.",
    'import type { fromJSON } from "@grpc/proto-loader";',
    `export const DESCRIPTOR = ${JSON.stringify(root.toJSON(), undefined, 1)} as Parameters<typeof fromJSON>[0];`,
    "",
  ].join("\n");
}
