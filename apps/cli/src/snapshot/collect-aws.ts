import type { AwsAnswer, AwsReader, AwsReadService } from "@slash28/aws/reads";
import { AWS_READS, type AwsReadRow, type NamedRead } from "./aws-reads.ts";
import { factsOf } from "./cluster-facts.ts";
import { asJson, type Collected, type Json, type SnapshotDocument, type UnreadDocument } from "./documents.ts";
import { withoutUserData } from "./without-user-data.ts";

export interface AwsCollection {
  /** What Kubernetes told already: nodes lead to instances, instances to their VPC. */
  readonly known: readonly SnapshotDocument[];
  readonly cluster?: string | undefined;
  readonly progress: (what: string) => void;
}

/** Reads of one kind that are under way at once: EC2 refills its buckets slowly, and a bad day needs them for the agents. */
const AT_ONCE = 4;

/** Reads what the table names, row by row; what cannot be read is told, and the rest goes on. */
export async function collectAws(aws: AwsReader, { known, cluster, progress }: AwsCollection): Promise<Collected> {
  const documents: SnapshotDocument[] = [];
  const steps = new Set<string>();
  const unread: UnreadDocument[] = [];
  const living = askingTheLiving(aws);
  for (const row of AWS_READS) {
    const reads = row.reads(factsOf([...known, ...documents], { cluster }));
    if (reads.length > 0) progress(`aws ${row.command}`);
    for (const { named, answer } of await answersOf(living, reads)) {
      if (!answer.ok) {
        unread.push({ from: commandOf(row, named), code: answer.code, message: answer.message, needs: row.permission });
        continue;
      }
      keep(documents, row, named, { ...named.adds, ...policyToldFlat(withoutUserData(answer.answer)) });
      if (row.isStep === true) steps.add(fileOf(row, named));
    }
  }
  return { documents: documents.filter(({ file }) => !steps.has(file)), unread };
}

interface Answered {
  readonly named: NamedRead;
  readonly answer: AwsAnswer;
}

async function answersOf(aws: AwsReader, reads: readonly NamedRead[]): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (let at = 0; at < reads.length; at += AT_ONCE) {
    const some = reads.slice(at, at + AT_ONCE).map(async (named): Promise<Answered> => ({ named, answer: await aws.read(named.read) }));
    answers.push(...(await Promise.all(some)));
  }
  return answers;
}

/** A reader that does not ask a service again that did not answer. */
function askingTheLiving(aws: AwsReader): AwsReader {
  const silent = new Set<AwsReadService>();
  return {
    async read(read) {
      const answer = silent.has(read.service) ? NO_ANSWER : await aws.read(read);
      if (!answer.ok && SILENT_CODES.has(answer.code)) silent.add(read.service);
      return answer;
    },
  };
}

/** Asking such a service again would take a minute more each time, and say the same. */
const SILENT_CODES = new Set(["Unreachable", "NO_CREDENTIALS"]);
const NO_ANSWER = { ok: false, code: "Unreachable", message: "the endpoint did not answer an earlier read" } as const;

function commandOf({ command }: AwsReadRow, { args }: NamedRead): string {
  return ["aws", command, ...(args === "" ? [] : [args]), "--output", "json"].join(" ");
}

function fileOf({ command }: AwsReadRow, { about }: NamedRead): string {
  return `${command.replaceAll(" ", "-")}${about === undefined ? "" : `.${about.replaceAll(/[^\w.@-]/g, "_")}`}.json`;
}

/** A managed policy's document where an inline one has it, so that both are read alike. */
function policyToldFlat(json: Json): Json {
  const document = asJson(json["PolicyVersion"])?.["Document"];
  return document === undefined ? json : { ...json, PolicyDocument: document };
}

/** Answers without a file of their own are joined, list by list. */
function keep(documents: SnapshotDocument[], row: AwsReadRow, named: NamedRead, json: Json): void {
  const file = fileOf(row, named);
  const at = documents.findIndex((document) => document.file === file);
  const before = documents[at];
  if (before === undefined) documents.push({ file, from: commandOf(row, named), json });
  else documents[at] = { ...before, json: joined(before.json, json) };
}

function joined(first: Json, second: Json): Json {
  const merged: Record<string, unknown> = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const before = merged[name];
    merged[name] = Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value;
  }
  return merged;
}
