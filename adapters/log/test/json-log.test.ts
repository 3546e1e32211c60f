import { describe, expect, test } from "vitest";
import { createJsonLog, type JsonLogOptions } from "../src/index.ts";

function written(options: Partial<JsonLogOptions> = {}) {
  const [a, b]: [string[], string[]] = [[], []];
  const streams = [{ write: (line: string) => void a.push(line) }, { write: (line: string) => void b.push(line) }];
  const log = createJsonLog({ level: "info", timeKey: "ts", streams, ...options });
  return { log, a, b };
}

describe("a log of JSON lines", () => {
  test("a line holds level, time, the fields of its log and its own, and the message; every stream gets it", () => {
    const { log, a, b } = written();
    log.child({ eni: "eni-1" }).warn("no free slot", { held: 10 });
    expect(a).toHaveLength(1);
    expect(a[0]).toMatch(/^\{"level":"warn","ts":"\d{4}-\d\d-\d\dT[\d:.]+Z","eni":"eni-1","held":10,"msg":"no free slot"\}\n$/);
    expect(b).toEqual(a);
  });

  test("the time has the key the program asks for; a lone stream is enough", () => {
    const lines: string[] = [];
    const { log } = written({ timeKey: "time", streams: [{ write: (line) => void lines.push(line) }] });
    log.info("up");
    expect(Object.keys(JSON.parse(lines[0] ?? "{}") as object)).toEqual(["level", "time", "msg"]);
  });

  test("what is below the level is not written", () => {
    const { log, a } = written({ level: "error" });
    log.debug("no");
    log.info("no");
    log.warn("no");
    log.error("yes");
    expect(a).toHaveLength(1);
  });
});
