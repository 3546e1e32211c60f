import { isAtLeast } from "./network-list.ts";
import type { NetworkList, PluginConfig } from "./network-list.ts";
import type { CniError, CniResult, PluginAnswer } from "./plugin-answer.ts";
import { runPlugin } from "./plugin-process.ts";
import type { PluginPlace } from "./plugin-process.ts";
import { requestConfig, requestEnvironment } from "./plugin-request.ts";
import type { Attachment, CniCommand, ValidAttachment } from "./plugin-request.ts";
import type { ResultCache } from "./result-cache.ts";

export type CniOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly error: CniError };

/**
 * The runtime's side of CNI: runs a network's plugins for one attachment. The caller never runs two operations for one
 * sandbox at once, and follows a failed `add` with `del`. CNI spec 1.1.0, section 3.
 */
export interface CniRuntime {
  /** Forward through the chain; the last plugin's result, which is also cached. */
  add(list: NetworkList, attachment: Attachment): Promise<CniOutcome<CniResult>>;
  /** Backward through the chain, with ADD's result where it is known. */
  del(list: NetworkList, attachment: Attachment): Promise<CniOutcome<undefined>>;
  /** Success without a call where the list disables it. */
  check(list: NetworkList, attachment: Attachment): Promise<CniOutcome<undefined>>;
  /** Whether an `add` could be served; success without a call before 1.1.0. */
  status(list: NetworkList): Promise<CniOutcome<undefined>>;
  /** DEL for every cached attachment that is not valid any more, then GC to each plugin; goes on after errors. */
  gc(list: NetworkList, valid: readonly ValidAttachment[]): Promise<readonly CniError[]>;
}

const DONE = { ok: true, value: undefined } as const;
const VERB_WORDS: Readonly<Record<CniCommand, string>> = {
  ADD: "add",
  DEL: "delete",
  CHECK: "check",
  GC: "gc",
  STATUS: "status",
  VERSION: "version",
};

interface Call {
  readonly command: CniCommand;
  readonly attachment?: Attachment;
  readonly prevResult?: unknown;
  readonly valid?: readonly ValidAttachment[];
}

export function createCniRuntime(place: PluginPlace, cache: ResultCache): CniRuntime {
  const call = (list: NetworkList, plugin: PluginConfig, what: Call): Promise<PluginAnswer> =>
    runPlugin(place, plugin, {
      env: requestEnvironment(what.command, place.pluginDir, what.attachment),
      config: requestConfig(list, plugin, {
        ...(what.attachment === undefined ? {} : { offered: what.attachment.capabilities }),
        ...(what.prevResult === undefined ? {} : { prevResult: what.prevResult }),
        ...(what.valid === undefined ? {} : { valid: what.valid }),
      }),
    });
  const inTurn = async (list: NetworkList, plugins: readonly PluginConfig[], what: Call): Promise<CniOutcome<undefined>> => {
    for (const plugin of plugins) {
      const answer = await call(list, plugin, what);
      if (!answer.ok) return failure(plugin, list, what.command, answer.error);
    }
    return DONE;
  };
  const add = async (list: NetworkList, attachment: Attachment): Promise<CniOutcome<CniResult>> => {
    let result: CniResult | undefined;
    for (const plugin of list.plugins) {
      const answer = await call(list, plugin, { command: "ADD", attachment, prevResult: result });
      if (!answer.ok) return failure(plugin, list, "ADD", answer.error);
      result = answer.result;
      if (result === undefined) return failure(plugin, list, "ADD", { code: 6, msg: "the plugin gave no result" });
    }
    const final = result ?? {};
    cache.write({ networkName: list.name, attachment, result: final });
    return { ok: true, value: final };
  };
  const del = async (list: NetworkList, attachment: Attachment): Promise<CniOutcome<undefined>> => {
    const cached = isAtLeast(list.cniVersion, "0.4.0") ? cache.read(list.name, attachment.containerId, attachment.ifName) : undefined;
    const outcome = await inTurn(list, list.plugins.toReversed(), { command: "DEL", attachment, prevResult: cached?.result });
    if (outcome.ok) cache.remove(list.name, attachment.containerId, attachment.ifName);
    return outcome;
  };
  return {
    add,
    del,
    async check(list, attachment) {
      const first = list.plugins[0];
      if (list.disableCheck || first === undefined) return DONE;
      if (!isAtLeast(list.cniVersion, "0.4.0"))
        return failure(first, list, "CHECK", { code: 1, msg: `configuration version ${list.cniVersion} does not support CHECK` });
      const cached = cache.read(list.name, attachment.containerId, attachment.ifName);
      if (cached === undefined)
        return failure(first, list, "CHECK", { code: 3, msg: `no result of an ADD is known for ${attachment.containerId}` });
      return await inTurn(list, list.plugins, { command: "CHECK", attachment, prevResult: cached.result });
    },
    status: async (list) => (isAtLeast(list.cniVersion, "1.1.0") ? await inTurn(list, list.plugins, { command: "STATUS" }) : DONE),
    gc: (list, valid) => collect({ list, valid, del, call: (plugin) => call(list, plugin, { command: "GC", valid }) }, cache),
  };
}

interface Collection {
  readonly list: NetworkList;
  readonly valid: readonly ValidAttachment[];
  readonly del: CniRuntime["del"];
  readonly call: (plugin: PluginConfig) => Promise<PluginAnswer>;
}

async function collect(what: Collection, cache: ResultCache): Promise<readonly CniError[]> {
  const { list, valid } = what;
  const errors: CniError[] = [];
  if (list.disableGc) return errors;
  for (const { attachment } of cache.list(list.name)) {
    if (valid.some((one) => one.containerID === attachment.containerId && one.ifname === attachment.ifName)) continue;
    const outcome = await what.del(list, attachment);
    if (!outcome.ok) errors.push(outcome.error);
  }
  if (!isAtLeast(list.cniVersion, "1.1.0")) return errors;
  for (const plugin of list.plugins) {
    const answer = await what.call(plugin);
    if (!answer.ok) errors.push(answer.error);
  }
  return errors;
}

function failure(plugin: PluginConfig, list: NetworkList, command: CniCommand, error: CniError): CniOutcome<never> {
  const text = error.details === undefined ? error.msg : `${error.msg}; ${error.details}`;
  return { ok: false, error, message: `plugin type="${plugin.type}" name="${list.name}" failed (${VERB_WORDS[command]}): ${text}` };
}
