export { collectEvidence, type EvidenceOptions } from "./collect-evidence.ts";
