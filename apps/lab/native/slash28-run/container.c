/*
 * slash28-run container OPTIONS -- PROGRAM ARGS…
 *
 *   --net PATH            joins this network namespace
 *   --sandbox PID         joins the UTS and IPC namespaces of this process
 *   --own-pids            has its own process ids; the program is 1
 *   --scratch DIR         an empty directory for the container's root
 *   --log FILE BYTES      where its output goes, and at what size the file is begun anew
 *   --directory DIR --user N --group N
 *   --bind SOURCE TARGET ro|rw    (repeated; applied in order)
 *
 * The environment is the container's. Writes "started <pid>" once the program runs, or "failed <why>"; exits as the
 * program does (128 + signal if one ended it; 128 if it could not be run). SIGQUIT kills everything in the container;
 * other signals are passed to the program.
 */
#include "run.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define YOUNG_MS 1000

struct container {
  const char *net, *sandbox, *log;
  long log_max;
  struct root root;
  struct identity who;
  char **command;
};

int take_signals(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) fail("waiting for signals", "");
  return fd;
}

void kill_descendants(void) {
  /* Orphans come to this process (it is a subreaper), so killing children until there are none reaches every one. */
  char path[64], list[65536];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
  for (int round = 0; round < 1000; round++) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, list, sizeof list - 1);
    if (fd >= 0) close(fd);
    if (n <= 0) return;
    list[n] = 0;
    for (char *at = strtok(list, " "); at != NULL; at = strtok(NULL, " ")) kill((pid_t)atoi(at), SIGKILL);
    if (waitpid(-1, NULL, 0) < 0) return;
  }
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

static void join(const char *path, int kind, const char *doing) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || setns(fd, kind) < 0) fail(doing, path);
  close(fd);
}

static void parse(struct container *c, int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *option = argv[i];
    int left = argc - i - 1;
    if (strcmp(option, "--") == 0) {
      c->command = argv + i + 1;
      break;
    }
    if (strcmp(option, "--own-pids") == 0) c->root.own_pids = 1;
    else if (strcmp(option, "--net") == 0 && left > 0) c->net = argv[++i];
    else if (strcmp(option, "--sandbox") == 0 && left > 0) c->sandbox = argv[++i];
    else if (strcmp(option, "--scratch") == 0 && left > 0) c->root.scratch = argv[++i];
    else if (strcmp(option, "--directory") == 0 && left > 0) c->who.directory = argv[++i];
    else if (strcmp(option, "--user") == 0 && left > 0) c->who.user = (uid_t)atoi(argv[++i]);
    else if (strcmp(option, "--group") == 0 && left > 0) c->who.group = (gid_t)atoi(argv[++i]);
    else if (strcmp(option, "--log") == 0 && left > 1) {
      c->log = argv[++i];
      c->log_max = atol(argv[++i]);
    } else if (strcmp(option, "--bind") == 0 && left > 2 && c->root.binds_count < BINDS_MAX) {
      struct bind *bind = &c->root.binds[c->root.binds_count++];
      bind->source = argv[++i];
      bind->target = argv[++i];
      bind->read_only = strcmp(argv[++i], "ro") == 0;
    } else {
      errno = EINVAL;
      fail("reading the option", option);
    }
  }
  if (c->command == NULL || c->command[0] == NULL || c->root.scratch == NULL || c->log == NULL) {
    errno = EINVAL;
    fail("reading the arguments", "");
  }
}

static void become(struct container *c, const int pipes[3]) {
  sigset_t none;
  dup2(pipes[2], 2); /* until the program runs, errors are told to the parent */
  setsid();
  enter_root(&c->root);
  take_identity(&c->who);
  int told = fcntl(2, F_DUPFD_CLOEXEC, 3);
  dup2(pipes[0], 1);
  dup2(pipes[1], 2);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(c->command[0], c->command);
  const char *why = errno == ENOENT && strchr(c->command[0], '/') == NULL ? "executable file not found in $PATH" : strerror(errno);
  dprintf(told, "exec: \"%s\": %s\n", c->command[0], why);
  _exit(128);
}

/* Copies what is there now into the log; 0 when the stream has ended. */
static int copy(int fd, int stream) {
  char chunk[16384];
  for (;;) {
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n > 0) log_bytes(stream, chunk, (size_t)n);
    else return n < 0 && (errno == EAGAIN || errno == EINTR);
  }
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether the program has a handler for SIGTERM. */
static int handles_term(pid_t program) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/status", (int)program);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  const char *caught = strstr(text, "SigCgt:");
  return caught != NULL && (strtoull(caught + 7, NULL, 16) >> (SIGTERM - 1) & 1) != 0;
}

/*
 * The kernel drops a SIGTERM to process 1 of a namespace while it has no handler. One that comes when the program has just been
 * started is kept until it has its handler, so that a pod deleted at birth does not use up its grace period.
 */
static int term_is_kept;
static long started_ms;

static void pass(pid_t program, int number) {
  if (number == SIGTERM && now_ms() - started_ms < YOUNG_MS && !handles_term(program)) term_is_kept = 1;
  kill(program, number);
}

static void pass_kept(pid_t program) {
  if (handles_term(program)) kill(program, SIGTERM);
  else if (now_ms() - started_ms < YOUNG_MS) return;
  term_is_kept = 0;
}

static int on_signals(int signals, pid_t program) {
  struct signalfd_siginfo info;
  int code = -1, status;
  while (read(signals, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGQUIT) kill_descendants(), code = 137;
    else if (info.ssi_signo != SIGCHLD) pass(program, (int)info.ssi_signo);
  }
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == program && code < 0) code = exit_code(status);
  }
  return code;
}

/* Returns the program's exit code. */
static int attend(int signals, pid_t program, int out, int err) {
  struct pollfd watched[3] = {{signals, POLLIN, 0}, {out, POLLIN, 0}, {err, POLLIN, 0}};
  int code = -1;
  fcntl(out, F_SETFL, O_NONBLOCK);
  fcntl(err, F_SETFL, O_NONBLOCK);
  started_ms = now_ms();
  while (code < 0) {
    if (poll(watched, 3, term_is_kept ? 10 : -1) < 0) continue;
    if (term_is_kept) pass_kept(program);
    for (int i = 1; i < 3; i++) {
      if (watched[i].revents != 0 && !copy(watched[i].fd, i - 1)) watched[i].fd = -1;
    }
    if (watched[0].revents != 0) code = on_signals(signals, program);
  }
  kill_descendants();
  for (int stream = 0; stream < 2; stream++) {
    if (watched[stream + 1].fd >= 0) copy(watched[stream + 1].fd, stream);
    log_flush(stream);
  }
  return code;
}

int container_main(int argc, char **argv) {
  static struct container c;
  int out[2], err[2], told[2];
  char path[64], why[1024];
  parse(&c, argc, argv);
  int signals = take_signals();
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  log_open(c.log, c.log_max);
  if (c.net != NULL) join(c.net, CLONE_NEWNET, "joining the network namespace");
  if (c.sandbox != NULL) {
    snprintf(path, sizeof path, "/proc/%s/ns/uts", c.sandbox);
    join(path, CLONE_NEWUTS, "joining the pod at");
    snprintf(path, sizeof path, "/proc/%s/ns/ipc", c.sandbox);
    join(path, CLONE_NEWIPC, "joining the pod at");
  }
  if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 || pipe2(told, O_CLOEXEC) < 0) fail("making pipes", "");
  pid_t program = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_NEWNS | (c.root.own_pids ? CLONE_NEWPID : 0), 0, 0, 0, 0);
  if (program < 0) fail("making the container's namespaces", "");
  if (program == 0) {
    int pipes[3] = {out[1], err[1], told[1]};
    become(&c, pipes);
  }
  close(out[1]);
  close(err[1]);
  close(told[1]);
  size_t length = 0;
  for (ssize_t n; length < sizeof why - 1 && (n = read(told[0], why + length, sizeof why - 1 - length)) > 0;) length += (size_t)n;
  close(told[0]);
  if (length > 0) {
    why[length] = 0;
    char *end = strchr(why, '\n');
    if (end != NULL) *end = 0;
    printf("failed %s\n", why);
    fflush(stdout);
    kill_descendants();
    return 128;
  }
  printf("started %d\n", (int)program);
  fflush(stdout);
  int quiet = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(quiet, 1);
  dup2(quiet, 2);
  return attend(signals, program, out[0], err[0]);
}
