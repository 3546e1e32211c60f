// From a fresh clone to a running lab: installs, builds, then hands over to `slash28 lab up`.
import { join } from "node:path";
import { installDependencies, installPackages, requireNode, root, runNode } from "./setup.mjs";

requireNode();
installDependencies();
installPackages("lab");
const { build } = await import("./build.mjs");
await build();
// Ctrl-C goes to the whole foreground group: the lab takes it and cleans up, this process waits for it.
process.on("SIGINT", () => undefined);
process.exit(runNode([join(root, "apps/cli/bin/slash28.mjs"), "lab", "up", ...process.argv.slice(2)]));
