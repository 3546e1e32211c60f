#!/usr/bin/env -S node --
import { existsSync } from "node:fs";

const program = new URL("../../../dist/slash28.mjs", import.meta.url);
if (!existsSync(program)) {
  process.stderr.write("slash28 is not built yet. Run: npm run build\n");
  process.exit(1);
}
await import(program.href);
