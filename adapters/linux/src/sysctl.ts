import { readFileSync, writeFileSync } from "node:fs";
import { kernelFault } from "./libc.ts";
import { inNamespaceAt } from "./network-namespace.ts";

/** Reads a kernel setting, `net/ipv4/ip_forward`, in a namespace or where the thread is. `undefined` when this kernel has no such setting. */
export function readSysctl(path: string, namespace?: string): string | undefined {
  return inNamespaceAt(namespace, () => {
    try {
      return readFileSync(`/proc/sys/${path}`, "utf8").trimEnd();
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw sysctlFault("reading", path, cause);
    }
  });
}

/** Writes a kernel setting. `false` when this kernel has no such setting. */
export function writeSysctl(path: string, value: string, namespace?: string): boolean {
  return inNamespaceAt(namespace, () => {
    try {
      writeFileSync(`/proc/sys/${path}`, value, { flag: "r+" });
      return true;
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw sysctlFault("writing", path, cause);
    }
  });
}

function isMissing(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === "ENOENT";
}

function sysctlFault(doing: string, path: string, cause: unknown): Error {
  return kernelFault(`${doing} /proc/sys/${path}`, -Number((cause as NodeJS.ErrnoException).errno));
}
