/* A container's root: the machine's own files below, what the container writes above, its own /proc, /sys and /dev. */
#include "run.h"

#include <grp.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void open_sources(struct root *root) {
  for (int i = 0; i < root->binds_count; i++) {
    struct bind *bind = &root->binds[i];
    bind->fd = open(bind->source, O_PATH | O_CLOEXEC);
    if (bind->fd < 0) fail("opening", bind->source);
  }
}

static void make_directory(const char *path, mode_t mode) {
  if (mkdir(path, mode) < 0 && errno != EEXIST) fail("making the directory", path);
}

/* Makes every missing parent of a path. */
static void make_parents(const char *path) {
  char part[PATH_MAX];
  snprintf(part, sizeof part, "%s", path);
  for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    make_directory(part, 0755);
    *slash = '/';
  }
}

/* A mount needs something to stand on. A link would lead elsewhere (resolv.conf often is one), so it is replaced. */
static void make_target(const char *path, int is_directory) {
  struct stat now;
  make_parents(path);
  if (is_directory) {
    if (stat(path, &now) < 0) {
      unlink(path);
      make_directory(path, 0755);
    }
    return;
  }
  if (lstat(path, &now) == 0 && S_ISLNK(now.st_mode)) unlink(path);
  int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0 && errno != EISDIR && errno != ENXIO) fail("making the file", path);
  if (fd >= 0) close(fd);
}

static void mount_bind(const struct bind *bind) {
  char source[64];
  struct stat what;
  snprintf(source, sizeof source, "/proc/self/fd/%d", bind->fd);
  if (fstat(bind->fd, &what) < 0) fail("looking at", bind->source);
  make_target(bind->target, S_ISDIR(what.st_mode));
  if (mount(source, bind->target, NULL, MS_BIND | MS_REC, NULL) < 0) fail("mounting at", bind->target);
  if (bind->read_only && mount(NULL, bind->target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0) fail("mounting read-only at", bind->target);
  close(bind->fd);
}

static void make_devices(void) {
  static const char *const names[] = {"null", "zero", "full", "random", "urandom", "tty"};
  char source[64], target[64];
  if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755,size=64k") < 0) fail("mounting", "/dev");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    snprintf(source, sizeof source, "/.old/dev/%s", names[i]);
    snprintf(target, sizeof target, "/dev/%s", names[i]);
    make_target(target, 0);
    if (mount(source, target, NULL, MS_BIND, NULL) < 0) fail("mounting at", target);
  }
  make_directory("/dev/pts", 0755);
  make_directory("/dev/shm", 01777);
  chmod("/dev/shm", 01777);
  if (mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m") < 0) fail("mounting", "/dev/shm");
  if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620") < 0) fail("mounting", "/dev/pts");
  if (symlink("pts/ptmx", "/dev/ptmx") < 0 || symlink("/proc/self/fd", "/dev/fd") < 0 || symlink("/proc/self/fd/0", "/dev/stdin") < 0 ||
      symlink("/proc/self/fd/1", "/dev/stdout") < 0 || symlink("/proc/self/fd/2", "/dev/stderr") < 0) {
    fail("linking in", "/dev");
  }
}

/* A fresh view where the kernel allows one, else the machine's. */
static void mount_kernel_view(const char *type, const char *target, int fresh) {
  char old[64];
  snprintf(old, sizeof old, "/.old%s", target);
  if (fresh && mount(type, target, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0) return;
  if (mount(old, target, NULL, MS_BIND | MS_REC, NULL) < 0) fail("mounting", target);
}

void enter_root(struct root *root) {
  char options[PATH_MAX * 3], upper[PATH_MAX], work[PATH_MAX], merged[PATH_MAX], old[PATH_MAX + 8];
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail("making mounts private", "");
  open_sources(root);
  if (mount("tmpfs", root->scratch, "tmpfs", 0, "mode=755") < 0) fail("mounting a scratch area at", root->scratch);
  snprintf(upper, sizeof upper, "%s/upper", root->scratch);
  snprintf(work, sizeof work, "%s/work", root->scratch);
  snprintf(merged, sizeof merged, "%s/root", root->scratch);
  make_directory(upper, 0755);
  make_directory(work, 0755);
  make_directory(merged, 0755);
  snprintf(options, sizeof options, "lowerdir=/,upperdir=%s,workdir=%s", upper, work);
  if (mount("overlay", merged, "overlay", 0, options) < 0) fail("mounting an overlay of the machine's files at", merged);
  snprintf(old, sizeof old, "%s/.old", merged);
  make_directory(old, 0700);
  if (syscall(SYS_pivot_root, merged, old) < 0 || chdir("/") < 0) fail("changing the root to", merged);
  mount_kernel_view("proc", "/proc", root->own_pids);
  mount_kernel_view("sysfs", "/sys", 1);
  make_devices();
  for (int i = 0; i < root->binds_count; i++) mount_bind(&root->binds[i]);
  if (umount2("/.old", MNT_DETACH) < 0 || rmdir("/.old") < 0) fail("leaving the machine's root", "");
}

void take_identity(const struct identity *who) {
  if (who->directory != NULL) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/", who->directory);
    make_parents(path);
    if (chdir(who->directory) < 0) fail("entering", who->directory);
  }
  if (who->group != 0 && (setgroups(0, NULL) < 0 || setgid(who->group) < 0)) fail("taking the group", "");
  if (who->user != 0 && setuid(who->user) < 0) fail("taking the user", "");
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* after setuid, which forgets it */
}
