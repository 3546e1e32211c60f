/** A word of a Corefile, and the line it stands on, from 1. */
export interface CorefileToken {
  readonly text: string;
  readonly line: number;
  /** Written in quotes: never a brace. */
  readonly isQuoted: boolean;
}

/** Splits a Corefile into words: white space parts them, `#` begins a comment, quotes keep spaces together. */
export function corefileTokens(text: string): readonly CorefileToken[] {
  return text.split("\n").flatMap((content, index) => lineTokens(content, index + 1));
}

function lineTokens(content: string, line: number): CorefileToken[] {
  const words = content.matchAll(/"((?:[^"\\]|\\.)*)"|(#.*)|([^\s"]+)/g);
  const tokens: CorefileToken[] = [];
  for (const [, quoted, comment, plain] of words) {
    if (comment !== undefined) break;
    if (quoted !== undefined) tokens.push({ text: quoted.replaceAll(/\\(.)/g, "$1"), line, isQuoted: true });
    else if (plain !== undefined) tokens.push({ text: plain, line, isQuoted: false });
  }
  return tokens;
}
