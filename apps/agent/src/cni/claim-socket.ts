import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";

/**
 * Listens on a Unix socket that root alone may connect to (mode 0660, as upstream's). A socket file that a killed agent left is replaced;
 * a living one's is not: rejects with an error that says so.
 */
export async function claimSocket(server: Server, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  if (await isServed(path)) throw new Error(`another agent listens on ${path}; stop it first`);
  rmSync(path, { force: true });
  server.listen({ path, backlog: 512 });
  await once(server, "listening");
  chmodSync(path, 0o660);
}

async function isServed(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
