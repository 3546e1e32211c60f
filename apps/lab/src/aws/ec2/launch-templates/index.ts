export {
  createLaunchTemplate,
  createLaunchTemplateVersion,
  deleteLaunchTemplate,
  deleteLaunchTemplateVersions,
  modifyLaunchTemplate,
} from "./change-templates.ts";
export { describeLaunchTemplates, describeLaunchTemplateVersions, getLaunchTemplateData } from "./describe-templates.ts";
