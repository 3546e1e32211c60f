import type { EksError, EksErrorCode } from "./result.ts";

type Fields = Readonly<Record<string, string>>;

function error(code: EksErrorCode, message: string, fields: Fields = {}): EksError {
  return { code, message, fields };
}

export function invalidParameter(message: string, fields?: Fields): EksError {
  return error("InvalidParameterException", message, fields);
}

export function invalidRequest(message: string, fields?: Fields): EksError {
  return error("InvalidRequestException", message, fields);
}

export function inUse(message: string, fields?: Fields): EksError {
  return error("ResourceInUseException", message, fields);
}

export function limitExceeded(message: string, fields?: Fields): EksError {
  return error("ResourceLimitExceededException", message, fields);
}

/** What is not there, in EKS's wording for each kind. */
export const unknown = {
  cluster: (name: string): EksError => error("ResourceNotFoundException", `No cluster found for name: ${name}.`, { clusterName: name }),
  addon: (cluster: string, name: string): EksError =>
    error("ResourceNotFoundException", `No addon: ${name} found in cluster: ${cluster}`, { clusterName: cluster, addonName: name }),
  update: (cluster: string, id: string): EksError =>
    error("ResourceNotFoundException", `No update found for ID: ${id}`, { clusterName: cluster }),
  association: (cluster: string, id: string): EksError =>
    error("ResourceNotFoundException", `No association found for cluster: ${cluster} and association ID: ${id}`, { clusterName: cluster }),
  accessEntry: (): EksError =>
    error(
      "ResourceNotFoundException",
      "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
    ),
  accessPolicy: (): EksError => error("ResourceNotFoundException", "The specified policyArn is not associated with the access entry."),
  identityProvider: (cluster: string, name: string): EksError =>
    error("ResourceNotFoundException", `Identity provider config not found: ${name}`, { clusterName: cluster }),
  resource: (arn: string): EksError => error("NotFoundException", `No resource found for ARN: ${arn}`),
} as const;
