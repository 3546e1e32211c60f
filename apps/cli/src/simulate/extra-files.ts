import { prepareOutputFile, type OutputFile } from "../output/index.ts";

/** Files that a simulation writes beside what it prints. */
export interface ExtraFiles {
  readonly csv?: string | undefined;
  readonly report?: string | undefined;
}

/** What goes into them, made only where it is asked for. */
export interface ExtraTexts {
  readonly csv: () => string;
  readonly report: () => string;
}

/** Opens what is asked for before the work begins, so that a path that cannot be written is told at once; what the work does not write is not left there. */
export async function withFiles({ csv, report }: ExtraFiles, work: (write: (texts: ExtraTexts) => void) => Promise<void>): Promise<void> {
  const [csvFile, reportFile] = prepareAll([
    [csv, "--csv"],
    [report, "--report"],
  ]);
  try {
    await work((texts) => {
      csvFile?.write(texts.csv());
      reportFile?.write(texts.report());
    });
  } finally {
    csvFile?.discard();
    reportFile?.discard();
  }
}

/** All of them or none. */
function prepareAll(asked: readonly (readonly [string | undefined, string])[]): readonly (OutputFile | undefined)[] {
  const prepared: OutputFile[] = [];
  try {
    return asked.map(([path, flag]) => {
      if (path === undefined) return undefined;
      const file = prepareOutputFile(path, flag);
      prepared.push(file);
      return file;
    });
  } catch (cause) {
    for (const file of prepared) file.discard();
    throw cause;
  }
}
