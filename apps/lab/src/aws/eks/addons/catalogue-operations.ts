import type {
  AddonInfo,
  AddonVersionInfo,
  DescribeAddonConfigurationRequest,
  DescribeAddonConfigurationResponse,
  DescribeAddonVersionsRequest,
  DescribeAddonVersionsResponse,
} from "@aws-sdk/client-eks";
import {
  ADDONS,
  addonNamed,
  configurationSchemaOf,
  isCompatible,
  isDefault,
  KUBERNETES_VERSIONS,
  kubernetesVersion,
  page,
  type Addon,
  type AddonVersion,
} from "@slash28/eks";
import { restOperation, RestError, type AnyRestOperation } from "../../rest-json/index.ts";
import { answer } from "../context.ts";

/** What there is to install: the same for every cluster. */
export const CATALOGUE_OPERATIONS: readonly AnyRestOperation[] = [
  restOperation<DescribeAddonVersionsRequest, DescribeAddonVersionsResponse>("DescribeAddonVersions", (input) => {
    const { kubernetesVersion: wanted } = input;
    if (wanted !== undefined && kubernetesVersion(wanted) === undefined) {
      throw new RestError("InvalidParameterException", `The specified kubernetesVersion is not supported: ${wanted}`);
    }
    const chosen = ADDONS.filter(
      (addon) =>
        isOneOf(addon.name, input.addonName === undefined ? undefined : [input.addonName]) &&
        isOneOf(addon.type, input.types) &&
        isOneOf(addon.publisher, input.publishers) &&
        isOneOf(addon.owner, input.owners),
    );
    if (chosen.length === 0 && input.addonName !== undefined && addonNamed(input.addonName) === undefined) {
      throw new RestError("ResourceNotFoundException", "Addon specified is not supported", 404, { addonName: input.addonName });
    }
    const { items, ...rest } = answer(page(chosen, ({ name }) => name, input));
    return { addons: items.map((addon) => addonInfo(addon, wanted)), ...rest };
  }),
  restOperation<DescribeAddonConfigurationRequest, DescribeAddonConfigurationResponse>("DescribeAddonConfiguration", (input) => {
    const { addonName = "", addonVersion = "" } = input;
    const addon = addonNamed(addonName);
    const schema = configurationSchemaOf(addonName);
    if (addon?.versions.some(({ name }) => name === addonVersion) !== true || schema === undefined) {
      throw new RestError("ResourceNotFoundException", "Addon version specified is not supported", 404, { addonName });
    }
    return {
      addonName,
      addonVersion,
      configurationSchema: JSON.stringify(schema),
      podIdentityConfiguration: addon.identity.map(({ serviceAccount, recommendedPolicies }) => ({
        serviceAccount,
        recommendedManagedPolicies: [...recommendedPolicies],
      })),
    };
  }),
];

/** No names given: every one will do. */
function isOneOf(name: string, names: readonly string[] | undefined): boolean {
  return names === undefined || names.length === 0 || names.includes(name);
}

function addonInfo(addon: Addon, wanted: string | undefined): AddonInfo {
  const versions = addon.versions.filter((version) => wanted === undefined || isCompatible(version, wanted));
  return {
    addonName: addon.name,
    type: addon.type,
    addonVersions: versions.map((version) => versionInfo(addon, version, wanted)),
    publisher: addon.publisher,
    owner: addon.owner,
    defaultNamespace: addon.namespace,
  };
}

function versionInfo(addon: Addon, version: AddonVersion, wanted: string | undefined): AddonVersionInfo {
  const fitting = KUBERNETES_VERSIONS.filter(({ name }) => isCompatible(version, name) && (wanted === undefined || name === wanted));
  return {
    addonVersion: version.name,
    architecture: ["amd64", "arm64"],
    computeTypes: ["ec2", "auto", "hybrid"],
    compatibilities: fitting
      .map(({ name }) => ({ clusterVersion: name, platformVersions: ["*"], defaultVersion: isDefault(version, name) }))
      .toReversed(),
    requiresConfiguration: false,
    requiresIamPermissions: addon.identity.length > 0,
  };
}
