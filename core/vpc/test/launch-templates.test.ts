import { expect, test } from "vitest";
import type { LaunchTemplateId } from "../src/index.ts";
import { aCloud, aSubnet, at, must, refused } from "./a-cloud.ts";

const data = { InstanceType: "m5.large", ImageId: "ami-1", UserData: "aGVsbG8=" };

function aTemplate() {
  const cloud = aCloud();
  const template = must(cloud.createLaunchTemplate({ name: "nodes", data, description: "first", tags: { team: "red" } }, at));
  return { cloud, id: template.id };
}

test("a template begins with version 1, which is its default and its latest", () => {
  const { cloud, id } = aTemplate();
  expect(id).toMatch(/^lt-0[0-9a-f]{16}$/);
  expect(must(cloud.describeLaunchTemplates({}, at))).toMatchObject([
    { name: "nodes", defaultVersion: 1, latestVersion: 1, tags: { team: "red" } },
  ]);
  expect(must(cloud.describeLaunchTemplateVersions({ name: "nodes" }, at))).toEqual([
    {
      templateId: id,
      templateName: "nodes",
      version: 1,
      description: "first",
      createdAt: at.now,
      createdBy: "arn:aws:iam::111122223333:root",
      isDefault: true,
      data,
    },
  ]);
});

test("a version takes over its source's parameters where it names none, and is not the default until made so", () => {
  const { cloud, id } = aTemplate();
  const second = must(cloud.createLaunchTemplateVersion({ id, sourceVersion: "1", data: { UserData: "Ynll" } }, at));
  expect(second).toMatchObject({ version: 2, isDefault: false, data: { ...data, UserData: "Ynll" } });
  expect(must(cloud.createLaunchTemplateVersion({ name: "nodes", data: { UserData: "Ynll" } }, at)).data).toEqual({ UserData: "Ynll" });
  const numbers = (versions: readonly string[]) =>
    must(cloud.describeLaunchTemplateVersions({ id, versions }, at)).map(({ version }) => version);
  expect(numbers(["$Default"])).toEqual([1]);
  expect(numbers(["$Latest", "2"])).toEqual([3, 2]);
  must(cloud.modifyLaunchTemplate({ id, defaultVersion: "2" }, at));
  expect(numbers(["$Default"])).toEqual([2]);
  expect(must(cloud.describeLaunchTemplateVersions({ id, minVersion: "2" }, at)).map(({ version }) => version)).toEqual([3, 2]);
});

test("numbers are not used again after a version was deleted; the default version stays", () => {
  const { cloud, id } = aTemplate();
  must(cloud.createLaunchTemplateVersion({ id, data }, at));
  expect(must(cloud.deleteLaunchTemplateVersions({ id, versions: ["1", "2", "7"] }, at))).toMatchObject({
    template: { latestVersion: 1 },
    deleted: [2],
    kept: [
      { version: "1", code: "unexpectedError" },
      { version: "7", code: "launchTemplateVersionDoesNotExist" },
    ],
  });
  expect(must(cloud.createLaunchTemplateVersion({ id, data }, at)).version).toBe(3);
  must(cloud.deleteLaunchTemplate({ id }, at));
  expect(must(cloud.describeLaunchTemplates({}, at))).toEqual([]);
});

test("what is not there, not well formed or there already is refused with EC2's codes", () => {
  const { cloud, id } = aTemplate();
  const absent = "lt-00000000000000000" as LaunchTemplateId;
  const codes = [
    cloud.createLaunchTemplate({ name: "nodes", data }, at),
    cloud.createLaunchTemplate({ name: "a", data }, at),
    cloud.createLaunchTemplate({ name: "empty", data: {} }, at),
    cloud.describeLaunchTemplates({ ids: [absent] }, at),
    cloud.describeLaunchTemplates({ ids: ["lt-x" as LaunchTemplateId] }, at),
    cloud.describeLaunchTemplates({ names: ["other"] }, at),
    cloud.describeLaunchTemplateVersions({ id, versions: ["2"] }, at),
    cloud.describeLaunchTemplateVersions({ id, versions: ["latest"] }, at),
    cloud.describeLaunchTemplateVersions({ versions: ["1"] }, at),
    cloud.createLaunchTemplateVersion({ id, name: "nodes", data }, at),
    cloud.createLaunchTemplateVersion({ id, sourceVersion: "9", data }, at),
    cloud.modifyLaunchTemplate({ id: absent, defaultVersion: "1" }, at),
    cloud.deleteLaunchTemplate({}, at),
  ].map((result) => refused(result as never).code);
  expect(codes).toEqual([
    "InvalidLaunchTemplateName.AlreadyExistsException",
    "InvalidLaunchTemplateName.MalformedException",
    "MissingParameter",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.Malformed",
    "InvalidLaunchTemplateName.NotFoundException",
    "InvalidLaunchTemplateId.VersionNotFound",
    "InvalidParameterValue",
    "MissingParameter",
    "InvalidParameterCombination",
    "InvalidLaunchTemplateId.VersionNotFound",
    "InvalidLaunchTemplateId.NotFound",
    "MissingParameter",
  ]);
});

test("a client token makes one template, and one version", () => {
  const cloud = aCloud();
  const create = () => must(cloud.createLaunchTemplate({ name: "nodes", data, clientToken: "t" }, at));
  expect(create()).toEqual(create());
  const version = () => must(cloud.createLaunchTemplateVersion({ name: "nodes", data, clientToken: "v" }, at)).version;
  expect([version(), version()]).toEqual([2, 2]);
});

test("an instance shows which template it comes from, in tags nobody can take off", () => {
  const { cloud, subnet } = aSubnet();
  const { id } = must(cloud.createLaunchTemplate({ name: "nodes", data }, at));
  const launch = { type: "m5.large", imageId: "ami-1", minCount: 1, maxCount: 1, subnetId: subnet.id, launchTemplate: { id, version: 1 } };
  const [instance] = must(cloud.runInstances(launch, at)).instances;
  const tags = { "aws:ec2launchtemplate:id": id, "aws:ec2launchtemplate:version": "1" };
  expect(instance!.tags).toEqual(tags);
  must(cloud.deleteTags({ resourceIds: [instance!.id] }, at));
  expect(cloud.view.instance(instance!.id)!.tags).toEqual(tags);
});
