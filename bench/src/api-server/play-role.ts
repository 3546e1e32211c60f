import { listPods, watchMaps, writeMaps } from "./clients.ts";
import type { Role } from "./roles.ts";
import { serveCluster } from "./server.ts";

/** What a process does that was started in a role; it tells its result to its parent. */
export async function playRole(role: Role): Promise<void> {
  switch (role.kind) {
    case "server":
      return serveCluster(role.pods);
    case "lister":
      return tell(await listPods(role.cluster, role.rounds));
    case "writer":
      return tell(await writeMaps(role.cluster, role.connections, role.seconds));
    case "watcher":
      return tell(await watchMaps(role.cluster, role.watchers, role.events));
    default:
      role satisfies never;
  }
}

function tell(result: unknown): void {
  process.send?.(result, undefined, undefined, () => process.exit(0));
}
