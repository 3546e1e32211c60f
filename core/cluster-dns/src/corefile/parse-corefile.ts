import { corefileTokens, type CorefileToken } from "./tokens.ts";

/** One line of a server block: a plugin, its arguments, and the lines of its own block. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: number;
  readonly block: readonly Directive[];
}

export interface ServerBlock {
  /** As written: `.:53`, `cluster.local`, `10.0.0.0/24`. */
  readonly keys: readonly string[];
  readonly line: number;
  readonly directives: readonly Directive[];
}

/** What is wrong with a Corefile, where, and what to do about it. */
export interface CorefileProblem {
  readonly line: number;
  readonly message: string;
}

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: CorefileProblem };

/**
 * Reads the shape of a Corefile: server blocks and the lines in them. `{$NAME}` is replaced from `env`, as in CoreDNS.
 * https://coredns.io/manual/configuration/
 */
export function parseCorefile(text: string, env: Readonly<Record<string, string | undefined>> = {}): Checked<readonly ServerBlock[]> {
  const filled = text.replaceAll(
    /\{\$(\w+)\}|\{%(\w+)%\}/g,
    (_, name: string | undefined, other: string | undefined) => env[name ?? other ?? ""] ?? "",
  );
  const reader = new Reader(corefileTokens(filled));
  const blocks: ServerBlock[] = [];
  while (!reader.isAtEnd) {
    const block = reader.serverBlock();
    if (!block.ok) return block;
    blocks.push(block.value);
  }
  return blocks.length === 0
    ? { ok: false, problem: { line: 1, message: "the Corefile is empty; it needs a server block such as `.:53 { … }`" } }
    : { ok: true, value: blocks };
}

class Reader {
  readonly #tokens: readonly CorefileToken[];
  #at = 0;

  constructor(tokens: readonly CorefileToken[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  serverBlock(): Checked<ServerBlock> {
    const keys: string[] = [];
    const line = this.#tokens[this.#at]?.line ?? 1;
    for (let token = this.#take(); token !== undefined; token = this.#take()) {
      if (isBrace(token, "{")) {
        if (keys.length === 0) return problem(token.line, "a server block has no zone in front of its `{`");
        if (keys[0]?.startsWith("(") === true) return problem(line, "snippets are not supported; write their lines into each server block");
        const directives = this.#directives(token.line);
        return directives.ok ? { ok: true, value: { keys, line, directives: directives.value } } : directives;
      }
      if (isBrace(token, "}")) return problem(token.line, "a `}` closes nothing");
      if (token.text === "import") return problem(token.line, "import is not supported; write the imported lines here");
      keys.push(...token.text.split(",").filter((key) => key !== ""));
    }
    return problem(line, `the server block ${keys.join(" ")} has no \`{\``);
  }

  /** The lines up to the closing brace. */
  #directives(opened: number): Checked<readonly Directive[]> {
    const directives: Directive[] = [];
    for (let token = this.#take(); token !== undefined; token = this.#take()) {
      if (isBrace(token, "}")) return { ok: true, value: directives };
      if (isBrace(token, "{")) return problem(token.line, "a `{` stands at the start of a line; it belongs behind a plugin's arguments");
      if (token.text === "import") return problem(token.line, "import is not supported; write the imported lines here");
      const args = this.#restOfLine(token.line);
      let block: readonly Directive[] = [];
      const next = this.#tokens[this.#at];
      if (next !== undefined && isBrace(next, "{") && next.line === token.line) {
        this.#at++;
        const inner = this.#directives(next.line);
        if (!inner.ok) return inner;
        block = inner.value;
      }
      directives.push({ name: token.text, args, line: token.line, block });
    }
    return problem(opened, "this `{` is never closed");
  }

  #restOfLine(line: number): readonly string[] {
    const args: string[] = [];
    for (let token = this.#tokens[this.#at]; token !== undefined && token.line === line; token = this.#tokens[this.#at]) {
      if (isBrace(token, "{") || isBrace(token, "}")) break;
      args.push(token.text);
      this.#at++;
    }
    return args;
  }

  #take(): CorefileToken | undefined {
    return this.#tokens[this.#at++];
  }
}

function isBrace(token: CorefileToken, brace: "{" | "}"): boolean {
  return !token.isQuoted && token.text === brace;
}

export function problem(line: number, message: string): { readonly ok: false; readonly problem: CorefileProblem } {
  return { ok: false, problem: { line, message } };
}
