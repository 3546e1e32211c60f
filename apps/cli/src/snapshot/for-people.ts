import { AWS_READS } from "./aws-reads.ts";
import { KUBERNETES_READS } from "./kubernetes-reads.ts";

/** Whether a file that `slash28 snapshot` wrote is there for people alone: no finding depends on it. */
export function isForPeople(file: string): boolean {
  const ofKubernetes = KUBERNETES_READS.some((read) => read.isForPeople === true && read.file === file);
  return ofKubernetes || AWS_READS.some((row) => row.isForPeople === true && file.startsWith(`${row.command.replaceAll(" ", "-")}.`));
}
