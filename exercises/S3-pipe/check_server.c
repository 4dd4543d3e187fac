/*
 * The grader of S3-pipe, part two: the real stage 3 server, in a process of its own, with
 * --wakeup=pipe. Every client reaches a loop by a wakeup.
 */
#include "check_server.h"

#include "grader.h"
#include "stage3.h"
#include "wakeup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern const struct wakeup pipe_wakeup;

enum { CLIENTS = 32 };

static const char SERVES[] = "with your wakeup the server serves, and ends in order (contract, 12)";

static struct {
    pid_t pid;
    FILE *output;
    in_port_t port;
} server;

static int run_server(void)
{
    const struct wakeup *const wakeups[] = {&pipe_wakeup, NULL};
    const struct server_extensions extensions = {.wakeups = wakeups};
    char *argv[] = {"stage3-thread-pool", "--port=0",          "--threads=3",
                    "--wakeup=pipe",      "--log-level=error", NULL};

    return stage3_main(5, argv, &extensions);
}

static void start_server(void)
{
    int ends[2];
    char line[128] = "";
    unsigned port = 0;

    ck_assert_int_eq(pipe(ends), 0);
    server.pid = fork();
    ck_assert_int_ge(server.pid, 0);
    if (server.pid == 0) {
        close(ends[0]);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[1]);
        int status = run_server();
        fflush(stdout);
        _exit(status);
    }
    close(ends[1]);
    server.output = fdopen(ends[0], "r");
    ck_assert_ptr_nonnull(server.output);
    while (port == 0 && fgets(line, sizeof line, server.output) != NULL) {
        const char *colon = strrchr(line, ':');
        if (strstr(line, "listening on") == NULL || colon == NULL ||
            sscanf(colon, ":%u", &port) != 1) {
            port = 0;
        }
    }
    grader_expect(port != 0, SERVES, "the server does not say 'listening on'");
    server.port = htons((in_port_t)port);
}

static int stop_server(void)
{
    int status = 0;

    kill(server.pid, SIGTERM);
    ck_assert_int_eq(waitpid(server.pid, &status, 0), server.pid);
    fclose(server.output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int dial(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = server.port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_msg(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0,
                  "connecting: %s", strerror(errno));
    return fd;
}

static bool echoes(int fd)
{
    char byte = 'x';

    return send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && recv(fd, &byte, 1, 0) == 1;
}

START_TEST(the_real_server_works_with_it)
{
    int clients[CLIENTS];

    grader_step("stage 3 with --threads=3 --wakeup=pipe");
    start_server();
    for (int round = 1; round <= 2; round++) {
        grader_step("%d clients at once, round %d: each expects an echo", CLIENTS, round);
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = dial();
        }
        for (int i = 0; i < CLIENTS; i++) {
            grader_expect(echoes(clients[i]), SERVES, "client %d got no echo", i);
            close(clients[i]);
        }
    }
    grader_step("SIGTERM");
    int status = stop_server();
    grader_expect(status == 0, SERVES, "expected exit status 0, got %d", status);
}
END_TEST

void add_server_checks(void)
{
    grader_group("in the real server", NULL, NULL);
    grader_add(the_real_server_works_with_it);
}
