/** What is known of one node when something is wrong with it: texts to look at, secrets removed. */
export interface NodeEvidence {
  readonly node: string;
  /** Absent where only the node itself was asked. */
  readonly instanceId?: string;
  readonly files: readonly EvidenceFile[];
  /** What is missing or cut, and why. */
  readonly notes: readonly string[];
}

export interface EvidenceFile {
  /** Relative, with `/` between its parts. */
  readonly path: string;
  /** One character a byte: a damaged journal must arrive as it is. */
  readonly latin1: string;
}
