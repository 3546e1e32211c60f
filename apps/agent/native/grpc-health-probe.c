/*
 * grpc-health-probe: asks a gRPC server whether it serves; the agent, as the probes of the VPC CNI's manifest do, or any pod's:
 *
 *   grpc-health-probe -addr=unix:///var/run/aws-node/ipamd.sock -connect-timeout=5s -rpc-timeout=5s
 *   grpc-health-probe -addr=10.0.1.17:50051 -service=shop.Orders
 *
 * Options and exit codes are those of the program that the VPC CNI ships: 0 serving, 1 wrong arguments, 2 no connection, 3 the call failed,
 * 4 not serving. Unix sockets, and TCP at an address (no names, no TLS). A probe runs every few seconds on every node: this one takes about a millisecond.
 *
 * One unary call over HTTP/2 (RFC 9113) with headers that need no table (RFC 7541, 6.2.2); of the answer only the frames are read: a reply
 * without a message is a failed call.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { OK = 0, BAD_ARGUMENTS = 1, NO_CONNECTION = 2, CALL_FAILED = 3, NOT_SERVING = 4 };
enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7 };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };
enum { FRAME_MAX = 16384, SERVICE_MAX = 120 };

static volatile sig_atomic_t on_timeout = NO_CONNECTION;

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static _Noreturn void fail(int code, const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(code);
}

static void time_is_up(int signal)
{
    (void)signal;
    say(on_timeout == NO_CONNECTION ? "timeout: failed to connect service\n" : "timeout: health rpc did not complete\n");
    _exit(on_timeout);
}

/* Ends the program with this code after so many milliseconds. */
static void limit(int code, long ms)
{
    struct itimerval timer = { .it_value = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 } };
    on_timeout = code;
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A duration of one unit, as Go writes them: 5s, 500ms, 1m. */
static long milliseconds(const char *option, const char *text)
{
    char *unit;
    double value = strtod(text, &unit);
    double factor = strcmp(unit, "ms") == 0 ? 1 : strcmp(unit, "s") == 0 ? 1000 : strcmp(unit, "m") == 0 ? 60000 : 0;
    if (unit == text || factor == 0 || value <= 0 || value * factor < 1 || value > 86400)
        fail(BAD_ARGUMENTS, option, "is not a duration such as 5s or 500ms");
    return (long)(value * factor);
}

static void send_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            fail(CALL_FAILED, "sending the call", strerror(errno));
        at += sent;
        length -= (size_t)sent;
    }
}

static void receive_all(int fd, void *bytes, size_t length)
{
    char *at = bytes;
    while (length > 0) {
        ssize_t got = recv(fd, at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            fail(CALL_FAILED, "reading the answer", got == 0 ? "the connection was closed" : strerror(errno));
        at += got;
        length -= (size_t)got;
    }
}

static void send_frame(int fd, int type, int flags, uint32_t stream, const void *payload, size_t length)
{
    unsigned char head[9] = { (unsigned char)(length >> 16), (unsigned char)(length >> 8), (unsigned char)length, (unsigned char)type,
        (unsigned char)flags, 0, 0, 0, (unsigned char)stream };
    send_all(fd, head, sizeof head);
    send_all(fd, payload, length);
}

/* POST /grpc.health.v1.Health/Check. The first byte of each: an index of the static table, or the index of a name, then its value. */
static void send_call(int fd, const char *service)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    static const char headers[] = "\x83" "\x86"
        "\x04\x1c/grpc.health.v1.Health/Check"
        "\x01\x09localhost"
        "\x0f\x10\x10" "application/grpc"
        "\x00\x02te\x08trailers";
    unsigned char message[5 + 2 + SERVICE_MAX] = { 0 };
    size_t name = strlen(service);
    size_t length = name == 0 ? 0 : 2 + name;
    message[4] = (unsigned char)length;
    message[5] = 0x0a;
    message[6] = (unsigned char)name;
    memcpy(message + 7, service, name);
    send_all(fd, preface, sizeof preface - 1);
    send_frame(fd, SETTINGS, 0, 0, "", 0);
    send_frame(fd, HEADERS, END_HEADERS, 1, headers, sizeof headers - 1);
    send_frame(fd, DATA, END_STREAM, 1, message, 5 + length);
}

/* The status in the reply: grpc.health.v1.HealthCheckResponse, field 1. */
static int receive_status(int fd)
{
    static unsigned char payload[FRAME_MAX];
    unsigned char reply[64];
    size_t filled = 0;
    for (;;) {
        unsigned char head[9];
        receive_all(fd, head, sizeof head);
        size_t length = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
        int type = head[3], flags = head[4];
        int is_call = head[5] == 0 && head[6] == 0 && head[7] == 0 && head[8] == 1;
        if (length > sizeof payload)
            fail(CALL_FAILED, "reading the answer", "a frame is too long");
        receive_all(fd, payload, length);
        if (type == SETTINGS && !(flags & ACK))
            send_frame(fd, SETTINGS, ACK, 0, "", 0);
        else if (type == PING && !(flags & ACK))
            send_frame(fd, PING, ACK, 0, payload, length);
        else if (type == GOAWAY || (type == RST_STREAM && is_call))
            fail(CALL_FAILED, "health rpc failed", "the server ended the call");
        else if (type == DATA && is_call && filled + length <= sizeof reply) {
            memcpy(reply + filled, payload, length);
            filled += length;
        }
        if (is_call && (type == DATA || type == HEADERS) && flags & END_STREAM)
            break;
    }
    if (filled < 5)
        fail(CALL_FAILED, "health rpc failed", "there is no such service, or it is not ready to answer");
    return filled >= 7 && reply[5] == 0x08 ? reply[6] : 0;
}

/* An address in digits, and a port: 10.0.0.1:80, [fd00::1]:80; localhost:80 and :80 are this machine. */
static int connect_tcp(const char *address)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    char host[64], *end;
    const char *colon = strrchr(address, ':');
    size_t length = colon == NULL ? sizeof host : (size_t)(colon - address);
    unsigned long port = colon == NULL ? 0 : strtoul(colon + 1, &end, 10);
    if (length >= sizeof host || port == 0 || port > 65535 || *end != '\0')
        fail(BAD_ARGUMENTS, "-addr", "is neither unix:///path of a socket nor an address and a port, such as 10.0.0.1:50051");
    int is_bracketed = length > 1 && address[0] == '[' && address[length - 1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(is_bracketed ? length - 2 : length), address + is_bracketed);
    v4.sin_port = v6.sin6_port = htons((unsigned short)port);
    int is_here = host[0] == '\0' || strcmp(host, "localhost") == 0;
    int is_v4 = inet_pton(AF_INET, is_here ? "127.0.0.1" : host, &v4.sin_addr) == 1;
    if (!is_v4 && inet_pton(AF_INET6, host, &v6.sin6_addr) != 1)
        fail(BAD_ARGUMENTS, "-addr", "has a name; give the address in digits");
    int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, is_v4 ? sizeof v4 : sizeof v6) != 0) {
        fprintf(stderr, "error: failed to connect service at \"%s\": %s\n", address, strerror(errno));
        exit(NO_CONNECTION);
    }
    return fd;
}

static int connect_to(const char *address)
{
    if (strncmp(address, "unix:", 5) != 0)
        return connect_tcp(address);
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    const char *path = strncmp(address, "unix://", 7) == 0 ? address + 7 : strncmp(address, "unix:", 5) == 0 ? address + 5 : NULL;
    if (path == NULL || *path == '\0' || strlen(path) >= sizeof at.sun_path)
        fail(BAD_ARGUMENTS, "-addr", "is not unix:///path of a socket");
    strcpy(at.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        fail(NO_CONNECTION, path, strerror(errno));
    return fd;
}

/* The value of -name=value, --name=value, or -name value. */
static const char *value_of(const char *name, int count, char **arguments, int *at)
{
    const char *given = arguments[*at];
    given += *given == '-';
    given += *given == '-';
    size_t length = strlen(name);
    if (strncmp(given, name, length) != 0)
        return NULL;
    if (given[length] == '=')
        return given + length + 1;
    if (given[length] != '\0')
        return NULL;
    if (*at + 1 >= count)
        fail(BAD_ARGUMENTS, arguments[*at], "needs a value");
    return arguments[++*at];
}

int main(int count, char **arguments)
{
    const char *address = NULL, *service = "", *value;
    long connect_ms = 1000, call_ms = 1000;
    for (int at = 1; at < count; at++) {
        if ((value = value_of("addr", count, arguments, &at)) != NULL)
            address = value;
        else if ((value = value_of("service", count, arguments, &at)) != NULL)
            service = value;
        else if ((value = value_of("connect-timeout", count, arguments, &at)) != NULL)
            connect_ms = milliseconds("-connect-timeout", value);
        else if ((value = value_of("rpc-timeout", count, arguments, &at)) != NULL)
            call_ms = milliseconds("-rpc-timeout", value);
        else
            fail(BAD_ARGUMENTS, arguments[at], "is unknown; -addr, -service, -connect-timeout and -rpc-timeout are known");
    }
    if (address == NULL)
        fail(BAD_ARGUMENTS, "-addr", "is missing");
    if (strlen(service) > SERVICE_MAX)
        fail(BAD_ARGUMENTS, "-service", "is too long");
    struct sigaction action = { .sa_handler = time_is_up };
    sigaction(SIGALRM, &action, NULL);
    limit(NO_CONNECTION, connect_ms);
    int fd = connect_to(address);
    limit(CALL_FAILED, call_ms);
    send_call(fd, service);
    int status = receive_status(fd);
    static const char *const names[] = { "UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN" };
    if (status != 1) {
        fprintf(stderr, "service unhealthy (responded with \"%s\")\n", status < 4 ? names[status] : "another status");
        return NOT_SERVING;
    }
    puts("status: SERVING");
    return OK;
}
