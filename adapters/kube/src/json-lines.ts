/** Cuts a stream of text chunks into lines. A chunk may hold many lines, or a small part of one. */
export interface LineSplitter {
  /** The lines completed by this chunk. */
  push(chunk: string): readonly string[];
  /** What was left without a line end. */
  rest(): string;
}

export function createLineSplitter(): LineSplitter {
  // Parts of the unfinished line are joined once: a large object comes in many chunks.
  let parts: string[] = [];
  return {
    push(chunk) {
      const pieces = chunk.split("\n");
      const last = pieces.pop() ?? "";
      if (pieces.length > 0) {
        pieces[0] = parts.join("") + (pieces[0] ?? "");
        parts = [];
      }
      if (last !== "") parts.push(last);
      return pieces.filter((line) => line.trim() !== "");
    },
    rest: () => parts.join(""),
  };
}
