/** One of AWS's managed policies (AWS managed policy reference guide): the statements of its default version. */
export interface AwsManagedPolicy {
  readonly name: string;
  readonly id: string;
  readonly path?: string;
  readonly description: string;
  /** The number of the default version. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly document: { readonly Version: "2012-10-17"; readonly Statement: readonly object[] };
}

/** Actions of one service: `ec2("DescribeVpcs")` is `ec2:DescribeVpcs`. */
export function actionsOf(service: string, ...names: readonly string[]): readonly string[] {
  return names.map((name) => `${service}:${name}`);
}

export function allowing(Action: string | readonly string[], rest: object = {}): object {
  return { Effect: "Allow", Action, Resource: "*", ...rest };
}

export function policyOf(...Statement: readonly object[]): AwsManagedPolicy["document"] {
  return { Version: "2012-10-17", Statement };
}
