/** A node's pool in its agent's own words. */
export interface NodePool {
  readonly node: string;
  readonly instanceId: string;
  /** What the agent answers at `/v1/enis`, as text; absent while it does not. */
  readonly enis?: string;
}
