import { asId, formatIpv4, type EniId, type InstanceId } from "@slash28/address";
import type {
  AllocateAddressRequest,
  AllocateAddressResult,
  AssociateAddressRequest,
  AssociateAddressResult,
  DisassociateAddressRequest,
  ReleaseAddressRequest,
} from "@aws-sdk/client-ec2";
import { readAddress, type Cloud, type ElasticAddressId, type ElasticAssociationId } from "@slash28/vpc";
import { answer, DONE, mutation, need } from "../../action.ts";
import { AwsError, invalidValue } from "../../aws-error.ts";
import { tagsFor } from "../../query/tag-specifications.ts";

export const allocateAddress = mutation<AllocateAddressRequest, AllocateAddressResult>("AllocateAddress", (input, { cloud, call }) => {
  if (input.Domain === "standard") throw invalidValue("Invalid value 'standard' for domain: every address is of a VPC.");
  if (input.Address !== undefined || input.PublicIpv4Pool !== undefined || input.IpamPoolId !== undefined) {
    throw new AwsError("UnsupportedOperation", "The lab's Elastic IPs come from Amazon's pool; none can be chosen.");
  }
  const { id, publicAddress } = answer(cloud.allocateAddress({ tags: tagsFor("elastic-ip", input.TagSpecifications) }, call));
  return {
    AllocationId: id,
    PublicIp: formatIpv4(publicAddress),
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: cloud.region,
    Domain: "vpc",
  };
});

export const releaseAddress = mutation<ReleaseAddressRequest, object>("ReleaseAddress", (input, { cloud, call }) => {
  answer(cloud.releaseAddress({ addressId: addressIdOf(cloud, input) }, call));
  return DONE;
});

export const associateAddress = mutation<AssociateAddressRequest, AssociateAddressResult>("AssociateAddress", (input, { cloud, call }) => {
  const associated = cloud.associateAddress(
    {
      addressId: addressIdOf(cloud, input),
      ...(input.NetworkInterfaceId === undefined ? {} : { eniId: asId<EniId>(input.NetworkInterfaceId) }),
      ...(input.InstanceId === undefined ? {} : { instanceId: asId<InstanceId>(input.InstanceId) }),
      ...(input.PrivateIpAddress === undefined ? {} : { privateAddress: answer(readAddress(input.PrivateIpAddress)) }),
      ...(input.AllowReassociation === undefined ? {} : { mayReassociate: input.AllowReassociation }),
    },
    call,
  );
  return { AssociationId: answer(associated).association?.id };
});

export const disassociateAddress = mutation<DisassociateAddressRequest, object>("DisassociateAddress", (input, { cloud, call }) => {
  const byAddress = input.PublicIp === undefined ? undefined : elasticBy(cloud, input.PublicIp)?.association?.id;
  const associationId = need(input.AssociationId ?? byAddress, "AssociationId");
  answer(cloud.disassociateAddress({ associationId: asId<ElasticAssociationId>(associationId) }, call));
  return DONE;
});

/** By allocation, or by the public address itself. */
function addressIdOf(
  cloud: Cloud,
  input: { readonly AllocationId?: string | undefined; readonly PublicIp?: string | undefined },
): ElasticAddressId {
  if (input.AllocationId !== undefined) return asId<ElasticAddressId>(input.AllocationId);
  const text = need(input.PublicIp, "AllocationId");
  const found = elasticBy(cloud, text);
  if (found === undefined) throw new AwsError("InvalidAddress.NotFound", `Address '${text}' not found.`);
  return found.id;
}

function elasticBy(cloud: Cloud, text: string) {
  const wanted = answer(readAddress(text));
  return answer(cloud.describeAddresses({}, { now: 0 })).find(({ publicAddress }) => publicAddress === wanted);
}
