#ifndef SLASH28_RUN_H
#define SLASH28_RUN_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define BINDS_MAX 256
#define ATTACH_POLLS 10

/* A file or directory of the machine shown inside a container. */
struct bind {
  const char *source, *target;
  int read_only;
  int fd; /* of the source: opened before the root changes, in the container's own mount namespace */
};

struct root {
  const char *scratch; /* an empty directory: a tmpfs with what the container writes is mounted on it */
  int own_pids;        /* /proc shows the process ids of its namespace, not the machine's */
  struct bind binds[BINDS_MAX];
  int binds_count;
};

struct identity {
  const char *directory;
  uid_t user;
  gid_t group;
};

/* Writes "<doing>: <error>" to stderr and ends the program with 125. */
void fail(const char *doing, const char *what) __attribute__((noreturn));

/* Makes the container's root in this (private) mount namespace and enters it. */
void enter_root(struct root *root);
/* Working directory, group and user; and dies with its parent. */
void take_identity(const struct identity *who);

/* A container's log in the CRI format; stream is "stdout" or "stderr". */
void log_open(const char *path, long bytes_max);
void log_bytes(int stream, const char *bytes, size_t length);
void log_flush(int stream);

/* Clients that watch a container and type into it; attach.c says how they do. */
void attach_listen(const char *path);
/* Where what they type goes; -1 for nowhere. Closed when the first that types has ended, where it ends with its client. */
void attach_input(int fd, int ends_with_client);
void attach_show(int stream, const char *bytes, size_t length);
/* A client has not taken what was shown: nothing more may be shown until it has. */
int attach_is_behind(void);
/* Fills ATTACH_POLLS entries; attend is given them after the poll. */
int attach_poll(struct pollfd *watched);
void attach_attend(const struct pollfd *watched);
/* Waits a moment for clients that are behind, and gives up those that stay so. */
void attach_settle(void);
void attach_close(void);

/* A new terminal's master, and its name in this mount namespace. */
int open_terminal(const char **name);
/* Makes a terminal this process's own, its three streams included. */
void take_terminal(const char *name, uid_t user);
void send_descriptor(int socket, int fd);
/* -1 when the other side has ended without sending one. */
int receive_descriptor(int socket);

/* Blocks every signal and returns a descriptor that tells them. */
int take_signals(void);
/* Tells the descendants of this process SIGKILL until none is left. */
void kill_descendants(void);
int exit_code(int status);

int container_main(int argc, char **argv);
int exec_main(int argc, char **argv);
int join_main(int argc, char **argv);
int enter_main(int argc, char **argv);
int probe_main(int argc, char **argv);

#endif
