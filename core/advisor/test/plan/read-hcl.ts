/** A tolerant reader of Terraform files: what is declared, what is referred to, and whether brackets and quotes close. */
export interface ReadHcl {
  /** `aws_subnet.nodes_a`, `var.node_os`. */
  readonly declared: readonly string[];
  readonly referred: readonly string[];
}

const PAIRS: Readonly<Record<string, string>> = { "}": "{", "]": "[", ")": "(" };

export function readHcl(text: string): ReadHcl {
  const open: string[] = [];
  const bare: string[] = [];
  for (const [token = ""] of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[{}()[\]]|[^"{}()[\]]+|"/g)) {
    if (token === '"') throw new SyntaxError("a quote does not close");
    if (token.startsWith('"')) bare.push(...[...token.matchAll(/(?<!\$)\$\{([^}]*)\}/g)].map(([, inner = ""]) => inner));
    else if ("{[(".includes(token)) open.push(token);
    else if (token in PAIRS) {
      if (open.pop() !== PAIRS[token]) throw new SyntaxError(`${token} closes nothing`);
    } else bare.push(token);
  }
  if (open.length > 0) throw new SyntaxError(`${open.join(" ")} does not close`);
  const declared = [
    ...[...text.matchAll(/^resource "(\w+)" "(\w+)" \{$/gm)].map(([, type = "", name = ""]) => `${type}.${name}`),
    ...[...text.matchAll(/^variable "(\w+)" \{$/gm)].map(([, name = ""]) => `var.${name}`),
  ];
  const referred = bare.flatMap((piece) => [...piece.matchAll(/\b((?:aws_\w+|var)\.\w+)/g)].map(([, name = ""]) => name));
  return { declared, referred: [...new Set(referred)] };
}
