const NOT_FILES = new Set(
  "autofs bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nsfs proc pstore ramfs securityfs sysfs tmpfs tracefs".split(
    " ",
  ),
);
const OWN_IN_CONTAINERS = /^\/(proc|sys|dev|run|tmp|etc|var\/run)(\/|$)/;

/**
 * Directories of this machine on other file systems than `/`: an overlay over `/` does not show them, so they are bound
 * into containers. `mountInfo` is the text of /proc/self/mountinfo.
 */
export function hostMounts(mountInfo: string): readonly string[] {
  const paths = mountInfo.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    const path = (before?.split(" ")[4] ?? "").replaceAll(String.raw`\040`, " ");
    const type = after?.split(" ")[0] ?? "";
    const isShown = path !== "" && path !== "/" && type !== "" && !NOT_FILES.has(type) && !OWN_IN_CONTAINERS.test(path);
    return isShown ? [path] : [];
  });
  // A recursive bind of the outer one shows the inner ones.
  return [...new Set(paths)].filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
}
