// Simulates faults around the real agent. What follows `--` goes to the simulation; see `npm run simulate-faults -- --help`.
import { join } from "node:path";
import { installDependencies, requireNode, root, runNode } from "./setup.mjs";

requireNode();
installDependencies();
const { bundle } = await import("./build.mjs");
await bundle({ "simulate-faults": "simulate/src/main.ts" });
// Ctrl-C is the simulation's: it prints what is done so far.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
process.exit(runNode([join(root, "dist/simulate-faults.mjs"), ...process.argv.slice(2)]));
