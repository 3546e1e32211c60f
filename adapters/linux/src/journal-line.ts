import { crc32 } from "node:zlib";

/** What a journal's text holds. */
export interface DecodedJournal {
  readonly entries: readonly string[];
  /** Characters up to the end of the last complete line. */
  readonly goodLength: number;
  /** Set when a line before the last is not what was written: the disk or a person changed it. */
  readonly damage?: string;
}

/** One line: a CRC-32 in hex, a space, the entry as a JSON string. */
export function encodeEntry(entry: string): string {
  const text = JSON.stringify(entry);
  return `${checksum(text)} ${text}\n`;
}

/** Reads lines up to a torn last one, which was never acknowledged, or up to the first damaged one. */
export function decodeJournal(text: string): DecodedJournal {
  const entries: string[] = [];
  let at = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
    const entry = decodeLine(text.slice(at, end));
    if (entry === undefined) {
      const isLast = end === text.length - 1;
      return isLast
        ? { entries, goodLength: at }
        : { entries, goodLength: at, damage: `line ${entries.length + 1} is not what was written` };
    }
    entries.push(entry);
    at = end + 1;
  }
  return { entries, goodLength: at };
}

function decodeLine(line: string): string | undefined {
  const text = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(text)} `) return undefined;
  // The checksum vouches that this is what encodeEntry wrote.
  return JSON.parse(text) as string;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
