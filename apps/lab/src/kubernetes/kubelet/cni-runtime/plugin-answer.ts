import type { ProcessExit } from "../process-host.ts";
import { isRecord } from "./network-list.ts";

/** A plugin's success document; only what the runtime itself reads is named. CNI spec 1.1.0, "Success". */
export interface CniResult {
  readonly cniVersion?: string;
  readonly interfaces?: readonly { readonly name: string; readonly sandbox?: string; readonly mac?: string }[];
  readonly ips?: readonly { readonly address: string; readonly gateway?: string; readonly interface?: number }[];
  readonly [field: string]: unknown;
}

export interface CniError {
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
}

export type PluginAnswer = { readonly ok: true; readonly result: CniResult | undefined } | { readonly ok: false; readonly error: CniError };

/** What a finished plugin said. A plugin that fails without saying why is quoted. */
export function readAnswer(exit: ProcessExit, cniVersion: string): PluginAnswer {
  const said = parseJson(exit.stdout);
  if (exit.code !== 0) {
    if (isRecord(said) && typeof said["msg"] === "string") {
      const details = said["details"];
      return {
        ok: false,
        error: {
          code: typeof said["code"] === "number" ? said["code"] : 0,
          msg: said["msg"],
          ...(typeof details === "string" && details !== "" ? { details } : {}),
        },
      };
    }
    const text = exit.stdout.trim() === "" ? exit.stderr.trim() : exit.stdout.trim();
    return {
      ok: false,
      error: {
        code: 999,
        msg: text === "" ? `netplugin failed with no error message: ${ending(exit)}` : `netplugin failed: ${quote(text)}`,
      },
    };
  }
  if (exit.stdout.trim() === "") return { ok: true, result: undefined };
  if (!isRecord(said)) return { ok: false, error: { code: 6, msg: `the plugin's answer is not JSON: ${quote(exit.stdout.trim())}` } };
  // A plugin that does not say the version of its result speaks that of its configuration.
  return {
    ok: true,
    result: { ...said, cniVersion: typeof said["cniVersion"] === "string" && said["cniVersion"] !== "" ? said["cniVersion"] : cniVersion },
  };
}

/** The addresses of one link inside the sandbox, without prefix lengths. */
export function addressesOf(result: CniResult, ifName: string): readonly string[] {
  const links = result.interfaces ?? [];
  const isOfLink = (index: number | undefined): boolean => {
    const link = index === undefined ? undefined : links[index];
    return link === undefined ? links.length === 0 || index === undefined : link.name === ifName && (link.sandbox ?? "") !== "";
  };
  return (result.ips ?? []).filter((ip) => isOfLink(ip.interface)).map((ip) => ip.address.split("/")[0] ?? "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ending(exit: ProcessExit): string {
  return exit.signal === 0 ? `exit status ${exit.code}` : `signal ${exit.signal}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 1_000 ? `${text.slice(0, 1_000)}…` : text);
}
