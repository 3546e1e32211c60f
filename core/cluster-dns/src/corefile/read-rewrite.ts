import { dnsName } from "../names.ts";
import type { RewriteRule } from "../rewrite.ts";
import { problem, type Checked, type Directive } from "./parse-corefile.ts";

const KINDS = ["exact", "prefix", "suffix", "substring", "regex"] as const;

/** https://coredns.io/plugins/rewrite/ : `rewrite [continue|stop] name [exact|prefix|suffix|substring|regex] FROM TO [answer auto]` */
export function readRewrite(directive: Directive): Checked<RewriteRule> {
  const args = [...directive.args];
  const goesOn = args[0] === "continue";
  if (goesOn || args[0] === "stop") args.shift();
  if (args.shift() !== "name") return problem(directive.line, "rewrite: only names can be rewritten: rewrite name exact FROM TO");
  const kind = KINDS.find((one) => one === args[0]) ?? "exact";
  if (kind === args[0]) args.shift();
  const [from, to, ...more] = args;
  if (from === undefined || to === undefined) return problem(directive.line, "rewrite: write both names: rewrite name exact FROM TO");
  const isAuto = more.length === 0 || (more[0] === "answer" && more[1] === "auto" && more.length === 2);
  if (!isAuto) return problem(directive.line, `rewrite: "${more.join(" ")}" is not supported; answers are named back by themselves`);
  if (kind !== "regex") return { ok: true, value: { kind, from: plain(from, kind), to: plain(to, kind), goesOn } };
  try {
    return { ok: true, value: { kind, from: new RegExp(from.toLowerCase()).source, to: dnsName(to), goesOn } };
  } catch {
    return problem(directive.line, `rewrite: ${from} is not a regular expression`);
  }
}

/** Parts of names keep their dots; whole names lose the last one. */
function plain(text: string, kind: (typeof KINDS)[number]): string {
  return kind === "exact" || kind === "suffix" ? dnsName(text) : text.toLowerCase();
}
