import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isReadOutsideSettings, parseSettings } from "@slash28/ipam";
import { FAULTS, type FaultCode, type FaultSpec } from "@slash28/ports";
import { describe, expect, test } from "vitest";
import { EVENTS } from "../../apps/agent/src/report/warning-events.ts";
import { generatedDocs } from "../docs/generated-docs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The cells of every table row whose first cell is one piece of code: [that code, the other cells …]. */
function rowsOf(path: string): string[][] {
  return read(path)
    .split("\n")
    .flatMap((line) => {
      const cells = line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim());
      const name = /^`([^`]+)`$/.exec(cells[0] ?? "")?.[1];
      return name === undefined ? [] : [[name, ...cells.slice(1)]];
    });
}

const docs = await generatedDocs();

describe("what follows from the code", () => {
  test.each(docs.map(({ path, text }) => ({ path, text })))("$path is current; npx tsx tools/make-docs.ts writes it", ({ path, text }) => {
    expect(read(path)).toBe(text);
  });

  test("commands.md has every command", () => {
    const headings = [...read("docs/commands.md").matchAll(/^## slash28 (.*)$/gm)].map(([, name]) => name);
    expect(headings).toContain("lab up");
    expect(headings).toContain("max-pods");
    expect(new Set(headings).size).toBe(headings.length);
  });
});

describe("docs/faults.md", () => {
  const rows = rowsOf("docs/faults.md");

  test("lists every fault once, in the table's order", () => {
    expect(rows.map(([code]) => code)).toEqual(Object.keys(FAULTS));
  });

  test.each(Object.entries<FaultSpec>(FAULTS))("%s: who must act, when it is tried again, what to do", (code, { blame, retryAfterMs }) => {
    const [, who, again, remedy = ""] = rows.find(([name]) => name === code) ?? [];
    expect(who).toBe(blame);
    expect(again).toBe(retryText(retryAfterMs));
    expect(remedy.length).toBeGreaterThan(10);
  });

  test.each(rows.map(([code = "", , , remedy = ""]) => ({ code, remedy })))("$code: the event that tells of it", ({ code, remedy }) => {
    const told = /Told as event `(\w+)`(?: when it lasts (\d+) s)?/.exec(remedy);
    const spec = EVENTS[code as FaultCode];
    expect(told?.[1]).toBe(spec?.reason);
    expect(told?.[2]).toBe(spec?.afterMs === undefined ? undefined : String(spec.afterMs / 1_000));
  });
});

function retryText(retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return "no";
  return retryAfterMs === 0 ? "at once" : `after ${retryAfterMs / 1000} s`;
}

describe("docs/settings.md", () => {
  const rows = rowsOf("docs/settings.md");
  const settingsRead = variablesOfParseSettings();

  test("lists every variable that the agent reads, once, and no other", () => {
    const variables = new Set([...settingsRead, ...["apps/agent/src", "adapters/aws/src", "adapters/kube/src"].flatMap(variablesInSource)]);
    expect(rows.map(([variable]) => variable ?? "").toSorted()).toEqual([...variables].toSorted());
  });

  test("`slash28 settings explain` takes none of them for a mistake", () => {
    const taken = rows
      .map(([variable = ""]) => variable)
      .filter((variable) => !settingsRead.has(variable) && !isReadOutsideSettings(variable));
    expect(taken).toEqual([]);
  });

  const literal = rows.flatMap(([variable = "", cell = ""]) => {
    const value = /^`(.*)`$/.exec(cell)?.[1];
    return value !== undefined && settingsRead.has(variable) ? [{ variable, value }] : [];
  });

  test.each(literal)("$variable=$value is the default: to set it changes nothing", ({ variable, value }) => {
    const { settings, notices } = parseSettings({ [variable]: value });
    expect(settings).toEqual(parseSettings({}).settings);
    expect(notices.filter(({ kind }) => kind !== "ignored")).toEqual([]);
  });

  test("every variable under “Not served” says so, or changes nothing", () => {
    const notServed = rowsOfSection("docs/settings.md", "Not served");
    const answers = notServed.map(
      (variable) => parseSettings({ [variable]: variable === "ENABLE_IPv4" ? "false" : "true" }).notices[0]?.kind,
    );
    const served = new Set(settingsRead);
    expect(notServed.every((variable) => served.has(variable))).toBe(true);
    expect(answers.filter((kind) => kind === "unsupported")).toHaveLength(5);
  });
});

function rowsOfSection(path: string, heading: string): string[] {
  const section = read(path).split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
}

/** What `parseSettings` asks of its environment, in every branch that a switch opens. */
function variablesOfParseSettings(): Set<string> {
  const asked = new Set<string>();
  for (const flags of [{}, { AWS_VPC_K8S_CNI_EXTERNALSNAT: "true" }, { ENABLE_PREFIX_DELEGATION: "true" }]) {
    parseSettings(
      new Proxy<Record<string, string>>(flags, {
        get: (target, name) => {
          if (typeof name === "string") asked.add(name);
          return Reflect.get(target, name) as unknown;
        },
      }),
    );
  }
  return asked;
}

/** Variables taken by name out of something called `env`. */
function variablesInSource(folder: string): string[] {
  return sources(folder).flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const taken = [...text.matchAll(/\{([^{}]*)\} = env;/g)].flatMap(([, names = ""]) => [...names.matchAll(/\b([A-Z][A-Z0-9_]+):/g)]);
    return [...text.matchAll(/\benv\["(\w+)"\]/g), ...taken].map(([, name = ""]) => name);
  });
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(root, folder, name));
}

describe("links", () => {
  const pages = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".md") && !/(^|\/)(node_modules|dist|\.[^/]+)\//.test(name),
  );

  test("of every page lead somewhere", () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(dead).toEqual([]);
  });

  test("to every page of docs/ stand on its first page", () => {
    const linked = new Set([...read("docs/README.md").matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target));
    const unlinked = readdirSync(join(root, "docs")).filter((name) => name !== "README.md" && name.endsWith(".md") && !linked.has(name));
    expect(unlinked.map((name) => relative(root, join(root, "docs", name)))).toEqual([]);
  });
});
