export type RestScalar = "string" | "number" | "boolean" | "timestamp";

/** A type as the published model names it. */
export type RestType = RestScalar | { readonly struct: string } | { readonly list: RestType } | { readonly map: RestType };

export interface RestMember {
  readonly type: RestType;
  /** Where it travels; in the body when absent. */
  readonly in?: "path" | "query";
  /** Its name in the query string. */
  readonly key?: string;
  readonly required?: true;
}

export interface RestShape {
  readonly members: Readonly<Record<string, RestMember>>;
}

/** A method and a URI template such as `/clusters/{name}`; what a label holds is percent-encoded. */
export interface RestRoute {
  readonly method: string;
  readonly path: string;
}

/** One REST-JSON service as `tools/extract-aws-schemas.mjs` cuts it out of the AWS SDK: only what the implemented operations reach. */
export interface RestSchema {
  readonly protocol: "rest-json";
  readonly operations: Readonly<Record<string, RestRoute & { readonly input?: string; readonly output?: string }>>;
  readonly shapes: Readonly<Record<string, RestShape>>;
  /** Operations the service has and this endpoint does not. */
  readonly otherActions: readonly (RestRoute & { readonly name: string })[];
}

/** The structure of that name; a name that is not there means the generated file is broken. */
export function restShape(schema: RestSchema, name: string): RestShape {
  const shape = schema.shapes[name];
  if (shape === undefined) throw new TypeError(`the generated schema has no shape ${name}; run tools/extract-aws-schemas.mjs`);
  return shape;
}
