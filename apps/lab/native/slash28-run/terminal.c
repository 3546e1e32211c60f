/* Terminals, and how one that was opened in a container's own /dev/pts comes to the process that attends to it. */
#include "run.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

int open_terminal(const char **name) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) fail("opening a terminal", "");
  *name = ptsname(master);
  if (*name == NULL) fail("opening a terminal", "");
  return master;
}

void take_terminal(const char *name, uid_t user) {
  int fd = open(name, O_RDWR);
  if (fd < 0) fail("opening the terminal", name);
  ioctl(fd, TIOCSCTTY, 0);
  if (user != 0 && fchown(fd, user, (gid_t)-1) < 0) fail("giving away the terminal", name);
  for (int i = 0; i < 3; i++) dup2(fd, i);
  if (fd > 2) close(fd);
}

union control {
  char bytes[CMSG_SPACE(sizeof(int))];
  struct cmsghdr aligned;
};

void send_descriptor(int socket, int fd) {
  char byte = 0;
  union control control = {{0}};
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(head), &fd, sizeof fd);
  if (sendmsg(socket, &message, 0) < 0) fail("handing over the terminal", "");
}

int receive_descriptor(int socket) {
  char byte;
  int fd = -1;
  union control control;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0) return -1;
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  if (head != NULL && head->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(head), sizeof fd);
  return fd;
}
