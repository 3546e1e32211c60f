// Kills agents of a lab while pods come, go and talk. What follows `--` goes to the program; see `npm run soak-kills -- --help`.
import { delimiter, join } from "node:path";
import { fetchKubectl, installDependencies, installPackages, requireNode, root, runNode } from "./setup.mjs";

requireNode();
installDependencies();
const args = process.argv.slice(2);
if (!args.some((arg) => arg === "--help" || arg === "-h")) {
  installPackages("lab");
  installPackages("test");
  process.env.PATH = [fetchKubectl(), process.env.PATH, "/usr/sbin"].join(delimiter);
  const { build } = await import("./build.mjs");
  await build();
}
// The program hears Ctrl-C itself and cleans up first.
process.on("SIGINT", () => undefined);
process.exit(runNode(["--import", "tsx", join(root, "e2e/src/soak/main.ts"), ...args]));
