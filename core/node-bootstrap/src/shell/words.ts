import { read, refused, type Reading } from "../problem.ts";

/** A word after quoting and expansion. */
export interface Word {
  readonly text: string;
  /** False when a part comes from something that only a running shell could tell, such as `$(command)`. */
  readonly isKnown: boolean;
}

/** A simple command with the variables as they are when it runs. */
export interface Command {
  readonly words: readonly Word[];
  readonly line: number;
  /** Values of the shell's variables at this point, those set for this command alone included. */
  readonly variables: ReadonlyMap<string, Word>;
}

/**
 * The simple commands of a Bourne shell script in their order: quoting, line continuation, comments, here-documents, assignments and the
 * expansion of variables as POSIX tells them. Nothing is run: control flow is walked through as if every branch were taken.
 */
export function shellCommands(script: string): Reading<readonly Command[]> {
  return new Reader(script).commands();
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
/** Words that begin or join commands and are none themselves. */
const RESERVED = new Set(["if", "then", "elif", "else", "fi", "do", "done", "while", "until", "!", "{", "}", "time", "exec", "sudo"]);

interface Piece {
  text: string;
  isKnown: boolean;
  isQuoted: boolean;
}

class Reader {
  readonly #text: string;
  readonly #variables = new Map<string, Word>();
  readonly #commands: Command[] = [];
  #at = 0;
  #line = 1;
  #words: Word[] = [];
  #word: Piece | undefined;
  #firstLine = 1;
  #heredocs: { readonly end: string; readonly stripsTabs: boolean }[] = [];
  #skipsNext = false;
  #assigned: [string, Word][] = [];

  constructor(script: string) {
    this.#text = script.replaceAll("\r\n", "\n");
  }

  commands(): Reading<readonly Command[]> {
    while (this.#at < this.#text.length) {
      const problem = this.#step(this.#text.charAt(this.#at));
      if (problem !== undefined) return refused(problem);
    }
    this.#endCommand();
    return read(this.#commands);
  }

  /** Reads one construct; a problem when it is not closed. */
  #step(char: string): string | undefined {
    if (char === "$" || char === "`") return this.#expand(false);
    if (char === "<" || char === ">") return this.#redirect();
    if (/[;&|()]/.test(char)) {
      this.#at++;
      this.#endCommand();
      return undefined;
    }
    switch (char) {
      case "\n":
        this.#at++;
        this.#endCommand();
        this.#line++;
        return this.#skipHeredocs();
      case " ":
      case "\t":
        this.#at++;
        this.#endWord();
        return undefined;
      case "#":
        if (this.#word === undefined) this.#skipTo("\n");
        else this.#take(1);
        return undefined;
      case "'":
        return this.#singleQuoted();
      case '"':
        return this.#doubleQuoted();
      case "\\":
        this.#escape();
        return undefined;
      default:
        this.#take(1);
        return undefined;
    }
  }

  #take(count: number): void {
    this.#add(this.#text.slice(this.#at, this.#at + count));
    this.#at += count;
  }

  #add(text: string, { isKnown = true, isQuoted = false } = {}): void {
    if (this.#words.length === 0 && this.#word === undefined) this.#firstLine = this.#line;
    this.#word ??= { text: "", isKnown: true, isQuoted: false };
    this.#word.text += text;
    this.#word.isKnown &&= isKnown;
    this.#word.isQuoted ||= isQuoted;
    this.#line += text.split("\n").length - 1;
  }

  #singleQuoted(): string | undefined {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) return `the script's single quote on line ${this.#line} is not closed`;
    this.#add(this.#text.slice(this.#at + 1, end), { isQuoted: true });
    this.#at = end + 1;
    return undefined;
  }

  #doubleQuoted(): string | undefined {
    const start = this.#line;
    this.#at++;
    this.#add("", { isQuoted: true });
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at);
      if (char === '"') {
        this.#at++;
        return undefined;
      }
      if (char === "$" || char === "`") {
        const problem = this.#expand(true);
        if (problem !== undefined) return problem;
      } else if (char === "\\" && /["\\$`\n]/.test(this.#text.charAt(this.#at + 1))) this.#escape();
      else this.#take(1);
    }
    return `the script's double quote on line ${start} is not closed`;
  }

  #escape(): void {
    const next = this.#text.charAt(this.#at + 1);
    this.#at += 2;
    if (next === "\n") this.#line++;
    else this.#add(next, { isQuoted: true });
  }

  /** A variable, or something only a shell could tell. */
  #expand(isQuoted: boolean): string | undefined {
    const rest = this.#text.slice(this.#at);
    const named = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^}"'`$\\]*))?\})/.exec(rest);
    if (named !== null) {
      this.#at += named[0].length;
      const value = this.#variables.get(named[1] ?? named[2] ?? "") ?? { text: named[3] ?? "", isKnown: named[3] !== undefined };
      if (isQuoted) this.#add(value.text, { isKnown: value.isKnown, isQuoted: true });
      else this.#split(value);
      return undefined;
    }
    const end = this.#endOfSubstitution(rest);
    if (end === undefined) return `the script's substitution on line ${this.#line} is not closed`;
    if (end === 1) this.#take(1);
    else {
      this.#line += rest.slice(0, end).split("\n").length - 1;
      this.#add("", { isKnown: false, isQuoted });
      this.#at += end;
    }
    return undefined;
  }

  /** An expansion outside quotes is split at blanks. */
  #split({ text, isKnown }: Word): void {
    const fields = text.split(/[ \t\n]+/);
    for (const [index, field] of fields.entries()) {
      if (index > 0) this.#endWord();
      if (field !== "" || !isKnown) this.#add(field, { isKnown });
    }
  }

  #endOfSubstitution(rest: string): number | undefined {
    if (rest.startsWith("`")) {
      const end = rest.indexOf("`", 1);
      return end < 0 ? undefined : end + 1;
    }
    const [open, close] = rest.startsWith("$(") ? ["(", ")"] : ["{", "}"];
    if (!rest.startsWith(`$${open}`)) return /^\$[\d@*#?$!-]/.test(rest) ? 2 : 1;
    let depth = 0;
    for (let index = 1; index < rest.length; index++) {
      if (rest[index] === open) depth++;
      else if (rest[index] === close && --depth === 0) return index + 1;
    }
    return undefined;
  }

  #redirect(): undefined {
    const rest = this.#text.slice(this.#at);
    const heredoc = /^<<(-?)[ \t]*(["']?)([^\s"'<;&|]+)\2/.exec(rest);
    if (heredoc !== null && !rest.startsWith("<<<")) {
      this.#endWord();
      this.#heredocs.push({ end: heredoc[3] ?? "", stripsTabs: heredoc[1] === "-" });
      this.#at += heredoc[0].length;
      return undefined;
    }
    // A digit right before the sign is the descriptor, no word.
    if (this.#word !== undefined && !/^\d$/.test(this.#word.text)) this.#endWord();
    this.#word = undefined;
    const sign = /^(?:<<<|>>|<>|>&|<&|>\||[<>])/.exec(rest)?.[0] ?? ">";
    this.#at += sign.length;
    this.#skipsNext = true;
    return undefined;
  }

  #skipHeredocs(): string | undefined {
    for (const { end, stripsTabs } of this.#heredocs.splice(0)) {
      const start = this.#line;
      for (;;) {
        if (this.#at >= this.#text.length) return `the script's here-document before line ${start} has no line ${end}`;
        const stop = this.#text.indexOf("\n", this.#at);
        const line = this.#text.slice(this.#at, stop < 0 ? undefined : stop);
        this.#at = stop < 0 ? this.#text.length : stop + 1;
        this.#line++;
        if ((stripsTabs ? line.replace(/^\t+/, "") : line) === end) break;
      }
    }
    return undefined;
  }

  #skipTo(char: string): void {
    const end = this.#text.indexOf(char, this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #endWord(): void {
    const word = this.#word;
    this.#word = undefined;
    if (word === undefined) return;
    if (this.#skipsNext) {
      this.#skipsNext = false;
      return;
    }
    const isFirst = this.#words.length === 0;
    if (isFirst && !word.isQuoted && RESERVED.has(word.text)) return;
    const name = NAME.exec(word.text)?.[0];
    if (isFirst && name !== undefined && word.text.charAt(name.length) === "=") {
      this.#assigned.push([name, { text: word.text.slice(name.length + 1), isKnown: word.isKnown }]);
      return;
    }
    this.#words.push({ text: word.text, isKnown: word.isKnown });
  }

  #endCommand(): void {
    this.#endWord();
    this.#skipsNext = false;
    const [words, assigned] = [this.#words, this.#assigned];
    this.#words = [];
    this.#assigned = [];
    const [first, ...rest] = words;
    if (first === undefined) {
      for (const [name, value] of assigned) this.#variables.set(name, value);
      return;
    }
    if (["export", "declare", "readonly", "local", "typeset"].includes(first.text)) this.#export(rest);
    this.#commands.push({ words, line: this.#firstLine, variables: new Map([...this.#variables, ...assigned]) });
  }

  #export(words: readonly Word[]): void {
    for (const { text, isKnown } of words) {
      const name = NAME.exec(text)?.[0];
      if (name !== undefined && text.charAt(name.length) === "=") this.#variables.set(name, { text: text.slice(name.length + 1), isKnown });
    }
  }
}
