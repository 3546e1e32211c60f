/*
 * slash28-pause: holds a pod's namespaces.
 *
 * slash28-pause HOSTNAME [NETNS PATH]
 *
 * Makes a UTS and an IPC namespace, and a network namespace unless the path of one to join is given (a pod on the host's
 * network). Brings `lo` up, writes "ready" and waits. The namespaces have no name and no mount: /proc/<pid>/ns/net is
 * the pod's CNI_NETNS, and they vanish with this process and the pod's others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *doing) {
  fprintf(stderr, "%s: %s\n", doing, strerror(errno));
  exit(1);
}

static void loopback_up(void) {
  struct ifreq request = {.ifr_name = "lo"};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0) fail("reading the flags of lo");
  request.ifr_flags |= IFF_UP;
  if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) fail("bringing lo up");
  close(fd);
}

/* As container runtimes do: a program without root may serve on port 80 of its own namespace. */
static void allow_low_ports(void) {
  int fd = open("/proc/sys/net/ipv4/ip_unprivileged_port_start", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, "0", 1) < 0) errno = 0;
  close(fd);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: slash28-pause HOSTNAME [NETNS PATH]\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == 1) return 1;
  if (argc > 2) {
    int net = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (net < 0 || setns(net, CLONE_NEWNET) < 0) fail("joining the instance's network namespace");
    close(net);
  }
  if (unshare(CLONE_NEWUTS | CLONE_NEWIPC | (argc > 2 ? 0 : CLONE_NEWNET)) < 0) fail("making the pod's namespaces");
  if (sethostname(argv[1], strlen(argv[1])) < 0) fail("naming the pod");
  if (argc == 2) {
    loopback_up();
    allow_low_ports();
  }
  if (write(1, "ready\n", 6) != 6) return 1;
  close(0);
  close(1);
  close(2);
  for (;;) pause();
}
