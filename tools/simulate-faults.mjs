// Runs the fault simulation from its sources.
import { join } from "node:path";
import { bin, installDependencies, requireNode, root, run } from "./setup.mjs";

requireNode();
installDependencies();
process.exit(run(bin("tsx"), [join(root, "simulate/src/main.ts"), ...process.argv.slice(2)]));
