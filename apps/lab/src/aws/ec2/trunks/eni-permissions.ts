import { asId, type EniId } from "@slash28/address";
import type {
  CreateNetworkInterfacePermissionRequest,
  CreateNetworkInterfacePermissionResult,
  DeleteNetworkInterfacePermissionRequest,
  DeleteNetworkInterfacePermissionResult,
  DescribeNetworkInterfacePermissionsRequest,
  DescribeNetworkInterfacePermissionsResult,
  NetworkInterfacePermission,
} from "@aws-sdk/client-ec2";
import type { EniPermission, EniPermissionId } from "@slash28/vpc";
import { answer, mutation, need, read } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { page } from "../../query/pagination.ts";

export const createNetworkInterfacePermission = mutation<CreateNetworkInterfacePermissionRequest, CreateNetworkInterfacePermissionResult>(
  "CreateNetworkInterfacePermission",
  (input, { cloud, call }) => {
    const permission = need(input.Permission, "permission");
    if (permission !== "INSTANCE-ATTACH" && permission !== "EIP-ASSOCIATE") {
      throw invalidValue(`Invalid value '${String(permission)}' for permission. Use INSTANCE-ATTACH or EIP-ASSOCIATE.`);
    }
    const created = cloud.createEniPermission(
      {
        eniId: asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId")),
        permission,
        ...(input.AwsAccountId === undefined ? {} : { accountId: input.AwsAccountId }),
        ...(input.AwsService === undefined ? {} : { service: input.AwsService }),
      },
      call,
    );
    return { InterfacePermission: wirePermission(answer(created)) };
  },
);

export const deleteNetworkInterfacePermission = mutation<DeleteNetworkInterfacePermissionRequest, DeleteNetworkInterfacePermissionResult>(
  "DeleteNetworkInterfacePermission",
  (input, { cloud, call }) => {
    const permissionId = asId<EniPermissionId>(need(input.NetworkInterfacePermissionId, "networkInterfacePermissionId"));
    answer(cloud.deleteEniPermission({ permissionId, isForced: input.Force ?? false }, call));
    return { Return: true };
  },
);

export const describeNetworkInterfacePermissions = read<
  DescribeNetworkInterfacePermissionsRequest,
  DescribeNetworkInterfacePermissionsResult
>("DescribeNetworkInterfacePermissions", (input, { cloud, call }) => {
  const all = answer(cloud.describeEniPermissions(namedIds<EniPermissionId>(input.NetworkInterfacePermissionIds), call));
  const rules = { action: "DescribeNetworkInterfacePermissions", key: ({ id }: EniPermission) => id, resultsMax: 255 };
  const { items, ...more } = page(filtered(all, input.Filters, FILTERS), input, rules);
  return { NetworkInterfacePermissions: items.map(wirePermission), ...more };
});

function wirePermission({ id, eniId, grantee, permission }: EniPermission): NetworkInterfacePermission {
  return {
    NetworkInterfacePermissionId: id,
    NetworkInterfaceId: eniId,
    ...("accountId" in grantee ? { AwsAccountId: grantee.accountId } : { AwsService: grantee.service }),
    Permission: permission,
    PermissionState: { State: "granted" },
  };
}

const FILTERS: FilterTable<EniPermission> = {
  "network-interface-permission.network-interface-permission-id": ({ id }) => id,
  "network-interface-permission.network-interface-id": ({ eniId }) => eniId,
  "network-interface-permission.aws-account-id": ({ grantee }) => ("accountId" in grantee ? grantee.accountId : undefined),
  "network-interface-permission.aws-service": ({ grantee }) => ("service" in grantee ? grantee.service : undefined),
  "network-interface-permission.permission": ({ permission }) => permission,
};
