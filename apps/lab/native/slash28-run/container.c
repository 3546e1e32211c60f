/*
 * slash28-run container OPTIONS -- PROGRAM ARGS…
 *
 *   --net PATH            joins this network namespace
 *   --sandbox PID         joins the UTS and IPC namespaces of this process
 *   --own-pids            has its own process ids; the program is 1
 *   --pids-of PID         has the process ids of this process's container
 *   --scratch DIR         an empty directory for the container's root
 *   --log FILE BYTES      where its output goes, and at what size the file is begun anew
 *   --attach PATH         where a socket for those who watch it and type into it is made
 *   --stdin               it has an input that they type; else its input is this process's
 *   --stdin-once          which ends when the first of them does
 *   --tty                 its streams are a terminal
 *   --directory DIR --user N --group N
 *   --bind SOURCE TARGET ro|rw    (repeated; applied in order)
 *
 * The environment is the container's. Writes "started <pid>" once the program runs, or "failed <why>"; exits as the
 * program does (128 + signal if one ended it; 128 if it could not be run). SIGQUIT kills everything in the container;
 * other signals are passed to the program.
 */
#include "run.h"

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define YOUNG_MS 1000

struct container {
  const char *net, *sandbox, *pids_of, *log, *attach;
  long log_max;
  int has_input, input_once, has_terminal;
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
    else if (strcmp(option, "--pids-of") == 0 && left > 0) c->pids_of = argv[++i];
    else if (strcmp(option, "--stdin") == 0) c->has_input = 1;
    else if (strcmp(option, "--stdin-once") == 0) c->input_once = 1;
    else if (strcmp(option, "--tty") == 0) c->has_terminal = 1;
    else if (strcmp(option, "--attach") == 0 && left > 0) c->attach = argv[++i];
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

/* What a container's parent and its program are connected by; of each pair the program has one end. */
struct streams {
  int in[2], out[2], err[2], told[2], terminal[2];
};

/* Read and write ends, or -1 twice. */
static void open_pipe(int ends[2], int is_wanted) {
  ends[0] = ends[1] = -1;
  if (is_wanted && pipe2(ends, O_CLOEXEC) < 0) fail("making pipes", "");
}

static void open_streams(struct streams *s, const struct container *c) {
  open_pipe(s->in, c->has_input && !c->has_terminal);
  open_pipe(s->out, !c->has_terminal);
  open_pipe(s->err, !c->has_terminal);
  open_pipe(s->told, 1);
  s->terminal[0] = s->terminal[1] = -1;
  if (c->has_terminal && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->terminal) < 0) fail("making pipes", "");
}

static void close_end(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* Its terminal is one of the container's own /dev/pts, so that the program knows it by name; the parent gets the other side. */
static void take_own_terminal(const struct streams *s, uid_t user) {
  const char *name;
  int master = open_terminal(&name);
  take_terminal(name, user);
  send_descriptor(s->terminal[1], master);
  close(master);
}

static void become(struct container *c, const struct streams *s) {
  sigset_t none;
  dup2(s->told[1], 2); /* until the program runs, errors are told to the parent */
  setsid();
  enter_root(&c->root);
  int told = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (c->has_terminal) {
    take_own_terminal(s, c->who.user);
    dup2(told, 2);
  }
  take_identity(&c->who);
  if (c->has_terminal) dup2(1, 2);
  else {
    if (s->in[0] >= 0) dup2(s->in[0], 0);
    dup2(s->out[1], 1);
    dup2(s->err[1], 2);
  }
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(c->command[0], c->command);
  const char *why = errno == ENOENT && strchr(c->command[0], '/') == NULL ? "executable file not found in $PATH" : strerror(errno);
  dprintf(told, "exec: \"%s\": %s\n", c->command[0], why);
  _exit(128);
}

/* Copies what is there now into the log and to who watches, as long as they take it; 0 when the stream has ended. */
static int copy(int fd, int stream) {
  char chunk[16384];
  for (;;) {
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
    log_bytes(stream, chunk, (size_t)n);
    attach_show(stream, chunk, (size_t)n);
    if (attach_is_behind()) return 1;
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
    else if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGPIPE) pass(program, (int)info.ssi_signo);
  }
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == program && code < 0) code = exit_code(status);
  }
  return code;
}

/* The last of a stream whose writers are gone. */
static void finish(int fd, int stream) {
  if (fd < 0) return;
  while (copy(fd, stream) && attach_is_behind()) attach_settle();
}

/* Returns the program's exit code. */
static int attend(int signals, pid_t program, int out, int err) {
  struct pollfd watched[3 + ATTACH_POLLS] = {{signals, POLLIN, 0}};
  int streams[2] = {out, err}, code = -1;
  for (int i = 0; i < 2; i++) {
    if (streams[i] >= 0) fcntl(streams[i], F_SETFL, O_NONBLOCK);
  }
  started_ms = now_ms();
  while (code < 0) {
    for (int i = 0; i < 2; i++) watched[1 + i] = (struct pollfd){attach_is_behind() ? -1 : streams[i], POLLIN, 0};
    int count = 3 + attach_poll(watched + 3);
    if (poll(watched, (nfds_t)count, term_is_kept ? 10 : -1) < 0) continue;
    if (term_is_kept) pass_kept(program);
    attach_attend(watched + 3);
    for (int i = 0; i < 2; i++) {
      if (watched[1 + i].revents != 0 && !attach_is_behind() && !copy(streams[i], i)) streams[i] = -1;
    }
    if (watched[0].revents != 0) code = on_signals(signals, program);
  }
  kill_descendants();
  for (int i = 0; i < 2; i++) {
    finish(streams[i], i);
    log_flush(i);
  }
  attach_close();
  return code;
}

int container_main(int argc, char **argv) {
  static struct container c;
  struct streams s;
  char path[64], why[1024];
  parse(&c, argc, argv);
  int signals = take_signals();
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  log_open(c.log, c.log_max);
  if (c.attach != NULL) attach_listen(c.attach);
  if (c.net != NULL) join(c.net, CLONE_NEWNET, "joining the network namespace");
  if (c.sandbox != NULL) {
    snprintf(path, sizeof path, "/proc/%s/ns/uts", c.sandbox);
    join(path, CLONE_NEWUTS, "joining the pod at");
    snprintf(path, sizeof path, "/proc/%s/ns/ipc", c.sandbox);
    join(path, CLONE_NEWIPC, "joining the pod at");
  }
  if (c.pids_of != NULL) {
    snprintf(path, sizeof path, "/proc/%s/ns/pid", c.pids_of);
    join(path, CLONE_NEWPID, "joining the processes of");
  }
  open_streams(&s, &c);
  pid_t program = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_NEWNS | (c.root.own_pids ? CLONE_NEWPID : 0), 0, 0, 0, 0);
  if (program < 0) fail("making the container's namespaces", "");
  if (program == 0) {
    c.root.own_pids |= c.pids_of != NULL;
    become(&c, &s);
  }
  close_end(&s.in[0]);
  close_end(&s.out[1]);
  close_end(&s.err[1]);
  close_end(&s.told[1]);
  close_end(&s.terminal[1]);
  int terminal = c.has_terminal ? receive_descriptor(s.terminal[0]) : -1;
  size_t length = 0;
  for (ssize_t n; length < sizeof why - 1 && (n = read(s.told[0], why + length, sizeof why - 1 - length)) > 0;) length += (size_t)n;
  close(s.told[0]);
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
  int typed = c.has_terminal ? fcntl(terminal, F_DUPFD_CLOEXEC, 3) : s.in[1];
  /* A terminal's session can be joined again, so it goes on without a client. */
  attach_input(c.has_input ? typed : -1, c.input_once && !c.has_terminal);
  return attend(signals, program, c.has_terminal ? terminal : s.out[0], s.err[0]);
}
