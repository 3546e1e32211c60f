import { readFileSync } from "node:fs";
import { systemClock } from "@slash28/linux";
import { labPaths } from "./control/index.ts";
import { jsonLog } from "./supervisor/json-log.ts";
import { parseOrder } from "./supervisor/lab-order.ts";
import { superviseLab } from "./supervisor/supervise.ts";

const [runDir, order] = process.argv.slice(2);
if (runDir === undefined || order === undefined) {
  process.stderr.write("usage: lab RUN_DIR ORDER; started by `slash28 lab up`\n");
  process.exit(2);
}
process.title = "slash28-lab";
const paths = labPaths(runDir);
const log = jsonLog(
  (line) => void process.stderr.write(line),
  () => new Date(),
);
await superviseLab({
  paths,
  order: parseOrder(order),
  file: JSON.parse(readFileSync(paths.cluster, "utf8")),
  clock: systemClock,
  random: Math.random,
  log,
});
