import type { DescribeClusterVersionsRequest, DescribeClusterVersionsResponse } from "@aws-sdk/client-eks";
import { DEFAULT_VERSION, KUBERNETES_VERSIONS, millisOf, page, supportOf } from "@slash28/eks";
import type { Clock } from "@slash28/ports";
import { restOperation, type AnyRestOperation } from "../../rest-json/index.ts";
import { answer } from "../context.ts";

export function versionOperations(clock: Pick<Clock, "now">): readonly AnyRestOperation[] {
  return [
    restOperation<DescribeClusterVersionsRequest, DescribeClusterVersionsResponse>("DescribeClusterVersions", (input) => {
      const { clusterVersions: names, defaultOnly = false, includeAll = false, versionStatus } = input;
      const newestFirst = KUBERNETES_VERSIONS.map((version) => ({ version, support: supportOf(version, clock.now()) })).toReversed();
      const shown = newestFirst.filter(
        ({ version, support }) =>
          (names === undefined || names.length === 0 ? includeAll || support !== "UNSUPPORTED" : names.includes(version.name)) &&
          (!defaultOnly || version.name === DEFAULT_VERSION) &&
          (versionStatus === undefined || versionStatus === support),
      );
      const { items, ...rest } = answer(page(shown, ({ version }) => String(1000 - Number(version.name.slice(2))), input));
      return {
        clusterVersions: items.map(({ version, support }) => ({
          clusterVersion: version.name,
          clusterType: "eks",
          defaultPlatformVersion: version.platformVersion,
          defaultVersion: version.name === DEFAULT_VERSION,
          releaseDate: new Date(millisOf(version.releasedOn)),
          endOfStandardSupportDate: new Date(millisOf(version.standardSupportUntil)),
          endOfExtendedSupportDate: new Date(millisOf(version.extendedSupportUntil)),
          status: support.toLowerCase().replaceAll("_", "-") as "standard-support",
          versionStatus: support,
          kubernetesPatchVersion: version.patch,
        })),
        ...rest,
      };
    }),
  ];
}
