import type { ProcessExit, ProcessRequest } from "./process-host.ts";

/** What `slash28-spawn` says. The frames are described at the top of its source. */
export type SpawnReport =
  | { readonly kind: "started"; readonly id: number; readonly pid: number }
  | { readonly kind: "refused"; readonly id: number; readonly why: string }
  | { readonly kind: "first-line"; readonly id: number; readonly line: string }
  | { readonly kind: "exited"; readonly id: number; readonly exit: ProcessExit };

export function startFrame(id: number, request: ProcessRequest): Buffer {
  const argv = [request.program, ...request.args];
  const env = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
  // A NUL inside a string would end it early and shift all that follow.
  const strings = [...argv, ...env].map((text) => `${text.replaceAll("\0", "")}\0`).join("");
  const stdin = request.stdin ?? new Uint8Array();
  const counts = Buffer.alloc(12);
  counts.writeUInt32LE(argv.length, 0);
  counts.writeUInt32LE(env.length, 4);
  counts.writeUInt32LE(stdin.length, 8);
  return frame("S", id, [counts, Buffer.from(strings), stdin]);
}

export function signalFrame(id: number, signal: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32LE(signal, 0);
  return frame("K", id, [body]);
}

function frame(kind: "S" | "K", id: number, body: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(5 + body.reduce((sum, part) => sum + part.length, 0), 0);
  head.write(kind, 4, "latin1");
  head.writeUInt32LE(id, 5);
  return Buffer.concat([head, ...body]);
}

/** Splits what has arrived into whole reports and the bytes of a report still under way. */
export function readReports(bytes: Buffer): { readonly reports: readonly SpawnReport[]; readonly rest: Buffer } {
  const reports: SpawnReport[] = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    reports.push(readReport(bytes.subarray(at + 4, end)));
    at = end;
  }
  return { reports, rest: bytes.subarray(at) };
}

function readReport(bytes: Buffer): SpawnReport {
  const kind = bytes.toString("latin1", 0, 1);
  const id = bytes.readUInt32LE(1);
  const body = bytes.subarray(5);
  switch (kind) {
    case "P":
      return { kind: "started", id, pid: body.readUInt32LE(0) };
    case "F":
      return { kind: "refused", id, why: body.toString() };
    case "L":
      return { kind: "first-line", id, line: body.toString() };
    case "X": {
      const split = 12 + body.readUInt32LE(8);
      const exit = {
        code: body.readInt32LE(0),
        signal: body.readInt32LE(4),
        stdout: body.toString("utf8", 12, split),
        stderr: body.toString("utf8", split),
      };
      return { kind: "exited", id, exit };
    }
    default:
      throw new Error(`slash28-spawn sent a frame of the unknown kind ${kind}`);
  }
}
