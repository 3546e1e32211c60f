import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2ServiceException,
  GetLaunchTemplateDataCommand,
  ModifyLaunchTemplateCommand,
  RunInstancesCommand,
  type RequestLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { aServedCloud } from "./lab-cloud.ts";

const { lab, http } = await aServedCloud();

const data: RequestLaunchTemplateData = {
  InstanceType: "m5.large",
  ImageId: "ami-0a2b2c3d4e5f60718",
  UserData: Buffer.from("#!/bin/bash\n").toString("base64"),
  MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2 },
  BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 20, VolumeType: "gp3", DeleteOnTermination: true } }],
  TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "from", Value: "template" }] }],
  InstanceMarketOptions: { MarketType: "spot", SpotOptions: { ValidUntil: new Date("2030-06-01T00:00:00Z") } },
  Monitoring: { Enabled: true },
};

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof EC2ServiceException) return error.name;
    throw error;
  }
  return "no error";
}

test("a template comes back as it was given, and an instance is launched from it", async () => {
  const { LaunchTemplate } = await http.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "web",
      LaunchTemplateData: data,
      TagSpecifications: [{ ResourceType: "launch-template", Tags: [{ Key: "team", Value: "red" }] }],
    }),
  );
  expect(LaunchTemplate).toMatchObject({ LaunchTemplateName: "web", DefaultVersionNumber: 1, Tags: [{ Key: "team", Value: "red" }] });
  const { LaunchTemplateVersions } = await http.ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: "web" }));
  expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData).toMatchObject(data);

  const { Instances } = await http.ec2.send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateName: "web", Version: "$Latest" },
      InstanceType: "t3.medium",
      SubnetId: lab.subnets[0],
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "of", Value: "request" }] }],
    }),
  );
  expect(Instances?.[0]).toMatchObject({ InstanceType: "t3.medium", ImageId: data.ImageId, MetadataOptions: { HttpTokens: "required" } });
  expect(Object.fromEntries((Instances?.[0]?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
    from: "template",
    of: "request",
    "aws:ec2launchtemplate:id": LaunchTemplate?.LaunchTemplateId,
    "aws:ec2launchtemplate:version": "1",
  });
  const filter = { Name: "tag:aws:ec2launchtemplate:version", Values: ["1"] };
  expect((await http.ec2.send(new DescribeInstancesCommand({ Filters: [filter] }))).Reservations).toHaveLength(1);
  const like = await http.ec2.send(new GetLaunchTemplateDataCommand({ InstanceId: Instances?.[0]?.InstanceId }));
  expect(like.LaunchTemplateData).toMatchObject({ InstanceType: "t3.medium", ImageId: data.ImageId, UserData: data.UserData });
});

test("versions: made from a source, made the default, deleted", async () => {
  await http.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "api", LaunchTemplateData: data }));
  const named = { LaunchTemplateName: "api" };
  const { LaunchTemplateVersion } = await http.ec2.send(
    new CreateLaunchTemplateVersionCommand({ ...named, SourceVersion: "1", LaunchTemplateData: { InstanceType: "m5.xlarge" } }),
  );
  expect(LaunchTemplateVersion).toMatchObject({
    VersionNumber: 2,
    LaunchTemplateData: { InstanceType: "m5.xlarge", ImageId: data.ImageId },
  });
  await http.ec2.send(new ModifyLaunchTemplateCommand({ ...named, DefaultVersion: "2" }));
  const deleted = await http.ec2.send(new DeleteLaunchTemplateVersionsCommand({ ...named, Versions: ["1", "2", "3"] }));
  expect(deleted.SuccessfullyDeletedLaunchTemplateVersions).toMatchObject([{ VersionNumber: 1 }]);
  expect(deleted.UnsuccessfullyDeletedLaunchTemplateVersions).toMatchObject([
    { VersionNumber: 2, ResponseError: { Code: "unexpectedError" } },
    { VersionNumber: 3, ResponseError: { Code: "launchTemplateVersionDoesNotExist" } },
  ]);
  await http.ec2.send(new DeleteLaunchTemplateCommand(named));
  expect(await refusal(http.ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ["api"] })))).toBe(
    "InvalidLaunchTemplateName.NotFoundException",
  );
});

test("a template is found by its tags, page by page", async () => {
  for (let index = 0; index < 7; index++) {
    const tags = [{ ResourceType: "launch-template" as const, Tags: [{ Key: "paged", Value: "yes" }] }];
    await http.ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName: `paged-${index}`, LaunchTemplateData: data, TagSpecifications: tags }),
    );
  }
  const filter = { Filters: [{ Name: "tag:paged", Values: ["yes"] }], MaxResults: 5 };
  const first = await http.ec2.send(new DescribeLaunchTemplatesCommand(filter));
  const second = await http.ec2.send(new DescribeLaunchTemplatesCommand({ ...filter, NextToken: first.NextToken }));
  expect([first.LaunchTemplates?.length, second.LaunchTemplates?.length, second.NextToken]).toEqual([5, 2, undefined]);
});

test("user data that is not base64, or too long, and templates that are not there are refused", async () => {
  const create = (UserData: string) =>
    refusal(http.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "bad-data", LaunchTemplateData: { UserData } })));
  expect(await create("#!/bin/bash")).toBe("InvalidUserData.Malformed");
  expect(await create(Buffer.alloc(16_385).toString("base64"))).toBe("InvalidParameterValue");
  const run = (LaunchTemplate: RunInstancesCommand["input"]["LaunchTemplate"]) =>
    refusal(http.ec2.send(new RunInstancesCommand({ LaunchTemplate, SubnetId: lab.subnets[0], MinCount: 1, MaxCount: 1 })));
  expect(await run({ LaunchTemplateName: "nobody" })).toBe("InvalidLaunchTemplateName.NotFoundException");
  expect(await run({ LaunchTemplateName: "web", Version: "8" })).toBe("InvalidLaunchTemplateId.VersionNotFound");
});

test("an instant fleet launches by its overrides' priority and tells what was refused", async () => {
  const fleet = {
    Type: "instant" as const,
    TargetCapacitySpecification: { TotalTargetCapacity: 2, DefaultTargetCapacityType: "on-demand" as const },
    TagSpecifications: [{ ResourceType: "instance" as const, Tags: [{ Key: "of", Value: "fleet" }] }],
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: { LaunchTemplateName: "web", Version: "$Default" },
        Overrides: [
          { InstanceType: "t3.large" as const, SubnetId: lab.subnets[1], Priority: 2 },
          { InstanceType: "t3.large" as const, SubnetId: "subnet-00000000000000000", Priority: 1 },
        ],
      },
    ],
  };
  const made = await http.ec2.send(new CreateFleetCommand(fleet));
  expect(made.Errors).toMatchObject([{ ErrorCode: "InvalidSubnetID.NotFound", Lifecycle: "on-demand" }]);
  expect(made.Instances).toMatchObject([{ InstanceType: "t3.large", Lifecycle: "on-demand" }]);
  expect(made.Instances?.[0]?.InstanceIds).toHaveLength(2);
  const filter = { Name: "tag:of", Values: ["fleet"] };
  const { Reservations = [] } = await http.ec2.send(new DescribeInstancesCommand({ Filters: [filter] }));
  expect(Reservations.flatMap(({ Instances = [] }) => Instances).map(({ SubnetId }) => SubnetId)).toEqual([lab.subnets[1], lab.subnets[1]]);
  expect(await refusal(http.ec2.send(new CreateFleetCommand({ ...fleet, DryRun: true })))).toBe("DryRunOperation");
  expect(await refusal(http.ec2.send(new CreateFleetCommand({ ...fleet, Type: "maintain" })))).toBe("UnsupportedOperation");
});
