/** CoreDNS's flags, as far as a cluster's manifest gives them; `undefined` for any other. */
export function corefilePath(args: readonly string[]): { readonly file: string } | undefined {
  let file = "Corefile";
  for (let at = 0; at < args.length; at++) {
    const [, flag = "", inline] = /^--?([\w.]+)(?:=(.*))?$/.exec(args[at] ?? "") ?? [];
    if (flag === "quiet" && inline === undefined) continue;
    const value = inline ?? args[++at];
    if (flag !== "conf" || value === undefined) return undefined;
    file = value;
  }
  return { file };
}
