/** One file of a tar archive. */
export interface TarEntry {
  readonly path: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const decoder = new TextDecoder();

/**
 * The regular files of a tar archive, in its order (POSIX.1-2008 ustar and pax, and GNU's long names); links, devices and folders are passed
 * over. `undefined`: the bytes are no tar archive. What a cut archive still holds whole is given.
 */
export function tarEntries(archive: Uint8Array): readonly TarEntry[] | undefined {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return entries;
    if (!hasTrueSum(header)) return at === 0 ? undefined : entries;
    const size = octal(header, 124, 12);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) return entries;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "L") longName = text(content, 0, size);
    else if (type === "x") longName = paxPath(content) ?? longName;
    else {
      if (type === "0" || type === "\0") entries.push({ path: longName ?? nameOf(header), content });
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

/** The header's sum of its own bytes, its own field counted as spaces. */
function hasTrueSum(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  return sum === octal(header, 148, 8);
}

function nameOf(header: Uint8Array): string {
  const prefix = text(header, 257, 5) === "ustar" ? text(header, 345, 155) : "";
  const name = text(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function text(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

/** Sizes above 8 GiB are written in base 256; no log is that long. */
function octal(bytes: Uint8Array, from: number, length: number): number {
  const digits = text(bytes, from, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : 0;
}

/** Records of a pax header: `27 path=a/long/name\n`. */
function paxPath(content: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(decoder.decode(content))?.[1];
}
