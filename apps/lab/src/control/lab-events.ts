/** Something that happened to the lab itself, as `slash28 lab events` tells it. Fields are only ever added. */
export interface LabEvent {
  /** RFC 3339. */
  readonly at: string;
  readonly kind: LabEventKind;
  /** What it happened to: a fault's id, a node's name, the lab's. */
  readonly object: string;
  readonly message: string;
}

export type LabEventKind =
  | "lab-up"
  | "fault-ordered"
  | "fault-ended"
  | "node-joined"
  | "node-left"
  | "node-not-joined"
  | "cluster"
  | "addon-versions-skipped";
