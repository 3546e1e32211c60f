import type { ReadSchema } from "./schema.ts";

/**
 * What is read of Elastic Load Balancing v2 (its API reference, version 2015-12-01): what says how traffic comes to pods, and no more.
 */
export const LOAD_BALANCING: ReadSchema = {
  protocol: "query",
  version: "2015-12-01",
  operations: {
    DescribeLoadBalancers: { output: "DescribeLoadBalancersOutput" },
    DescribeTargetGroups: { output: "DescribeTargetGroupsOutput" },
    DescribeTargetHealth: { output: "DescribeTargetHealthOutput" },
    DescribeLoadBalancerAttributes: { output: "DescribeLoadBalancerAttributesOutput" },
  },
  shapes: {
    DescribeLoadBalancersOutput: {
      members: { LoadBalancers: { type: { list: { struct: "LoadBalancer" }, item: "member" } }, NextMarker: { type: "string" } },
    },
    LoadBalancer: {
      members: {
        LoadBalancerArn: { type: "string" },
        DNSName: { type: "string" },
        CreatedTime: { type: "timestamp" },
        LoadBalancerName: { type: "string" },
        Scheme: { type: "string" },
        VpcId: { type: "string" },
        State: { type: { struct: "LoadBalancerState" } },
        Type: { type: "string" },
        AvailabilityZones: { type: { list: { struct: "AvailabilityZone" }, item: "member" } },
        SecurityGroups: { type: { list: "string", item: "member" } },
        IpAddressType: { type: "string" },
      },
    },
    LoadBalancerState: { members: { Code: { type: "string" }, Reason: { type: "string" } } },
    AvailabilityZone: { members: { ZoneName: { type: "string" }, SubnetId: { type: "string" } } },
    DescribeTargetGroupsOutput: {
      members: { TargetGroups: { type: { list: { struct: "TargetGroup" }, item: "member" } }, NextMarker: { type: "string" } },
    },
    TargetGroup: {
      members: {
        TargetGroupArn: { type: "string" },
        TargetGroupName: { type: "string" },
        Protocol: { type: "string" },
        Port: { type: "number" },
        VpcId: { type: "string" },
        LoadBalancerArns: { type: { list: "string", item: "member" } },
        TargetType: { type: "string" },
        IpAddressType: { type: "string" },
      },
    },
    DescribeLoadBalancerAttributesOutput: {
      members: { Attributes: { type: { list: { struct: "LoadBalancerAttribute" }, item: "member" } } },
    },
    DescribeTargetHealthOutput: {
      members: { TargetHealthDescriptions: { type: { list: { struct: "TargetHealthDescription" }, item: "member" } } },
    },
    TargetHealthDescription: {
      members: { Target: { type: { struct: "TargetDescription" } }, TargetHealth: { type: { struct: "TargetHealth" } } },
    },
    TargetDescription: { members: { Id: { type: "string" }, Port: { type: "number" }, AvailabilityZone: { type: "string" } } },
    TargetHealth: { members: { State: { type: "string" }, Reason: { type: "string" }, Description: { type: "string" } } },
    LoadBalancerAttribute: { members: { Key: { type: "string" }, Value: { type: "string" } } },
  },
};
