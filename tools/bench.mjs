// Measures: sets up, builds, then runs the benchmarks. What follows `--` goes to them; see `npm run bench -- --help`.
import { join } from "node:path";
import { installDependencies, installPackages, requireNode, root, runNode } from "./setup.mjs";

requireNode();
installDependencies();
const { build, bundle } = await import("./build.mjs");
const args = process.argv.slice(2);
if (!args.includes("--help") && !args.includes("-h")) {
  installPackages("lab");
  await build();
}
await bundle({ bench: "bench/src/main.ts" });
// Ctrl-C goes to the whole foreground group: the benchmarks clean up, this process waits for them.
process.on("SIGINT", () => undefined);
process.exit(runNode([join(root, "dist/bench.mjs"), ...args]));
