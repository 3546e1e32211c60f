/**
 * Writes what of the docs follows from the code: docs/commands.md, docs/ec2.md, docs/findings.md, docs/metrics.md, docs/tried-commands.md, the JSON Schemas in examples/ and the
 * agent's gRPC descriptor.
 *
 *   npx tsx tools/make-docs.ts
 *
 * tools/test/docs.test.ts fails while a file is not what would be written.
 */
import { writeFileSync } from "node:fs";
import { generatedDocs } from "./docs/generated-docs.ts";

for (const { path, text } of await generatedDocs()) writeFileSync(new URL(`../${path}`, import.meta.url), text);
