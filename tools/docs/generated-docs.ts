import { needsJsonSchema } from "@slash28/advisor";
import { clusterFileJsonSchema } from "@slash28/cluster-file";
import { commandsPage } from "./commands-page.ts";
import { ec2Page } from "./ec2-page.ts";
import { findingsPage } from "./findings-page.ts";
import { grpcDescriptor } from "./grpc-descriptor.ts";
import { metricsPage } from "./metrics-page.ts";
import { schemaText } from "./schema-text.ts";
import { triedCommandsPage } from "./tried-commands-page.ts";

/** A file that follows from the code, by its path in the repository. */
export interface GeneratedDoc {
  readonly path: string;
  readonly text: string;
}

export async function generatedDocs(): Promise<readonly GeneratedDoc[]> {
  return [
    { path: "docs/commands.md", text: commandsPage() },
    { path: "docs/ec2.md", text: ec2Page() },
    { path: "docs/findings.md", text: findingsPage() },
    { path: "docs/metrics.md", text: metricsPage() },
    { path: "docs/tried-commands.md", text: triedCommandsPage() },
    { path: "apps/agent/src/grpc/generated/descriptor.ts", text: grpcDescriptor() },
    await schemaDoc("examples/needs.schema.json", needsJsonSchema()),
    await schemaDoc("examples/cluster.schema.json", clusterFileJsonSchema()),
  ];
}

async function schemaDoc(path: string, schema: object): Promise<GeneratedDoc> {
  return { path, text: await schemaText(path, schema) };
}
