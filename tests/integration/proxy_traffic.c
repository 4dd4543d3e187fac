#include "proxy_traffic.h"

#include "integration.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { BODY = 1 << 20, LINES = 1000, REQUESTS = 500, KEPT = 8 };

static const char placeholder[] = "@PORT@";

void proxy_configure(const char *name, const struct server_process *const servers[])
{
    FILE *source = fopen(tool_script(name), "re");
    FILE *target = fopen(name, "we");
    char line[256];

    ck_assert_msg(source != NULL && target != NULL, "cannot copy %s", tool_script(name));
    while (fgets(line, sizeof line, source) != NULL) {
        char *found = strstr(line, placeholder);
        if (found != NULL) {
            fprintf(target, "%.*s%u%s", (int)(found - line), line, (*servers++)->port,
                    found + strlen(placeholder));
        } else {
            fputs(line, target);
        }
    }
    fclose(source);
    ck_assert_int_eq(fclose(target), 0);
}

static bool listens(const struct server_process *proxy)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    int result = connect(fd, (const struct sockaddr *)&proxy->address, proxy->address_length);
    close(fd);
    return result == 0;
}

struct server_process *proxy_start(int tool, const char *const *words, const char *socket)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    struct server_process *proxy =
        server_spawn(&(struct server_launch){.program = tool_program(tool), .arguments = words});
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket);
    memcpy(&proxy->address, &address, sizeof address);
    proxy->address_length = sizeof address;
    await(listens(proxy), "the proxy listens");
    return proxy;
}

void proxy_expect_answers(const struct server_process *proxy, int count)
{
    char path[64];

    snprintf(path, sizeof path, "/hello?[1-%d]", count);
    tool_expect_lines(
        tool_run_curl(proxy, path,
                      WORDS("--output", "/dev/null", "--write-out", "%{http_code}\\n")),
        "200", count);
}

static void pages(const struct server_process *server, const struct server_process *proxy)
{
    static const char *const paths[] = {"/hello", "/nothing", "/sub", "/plain.txt", "/empty.bin"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *const *options = WORDS("--write-out", "%{http_code}");
        char *direct = tool_run_curl(server, paths[i], options);
        tool_expect_output(tool_run_curl(proxy, paths[i], options), direct);
        free(direct);
    }
}

static void bodies(const struct server_process *server, const struct server_process *proxy)
{
    static const char *const framings[] = {"Content-Type: text/plain",
                                           "Transfer-Encoding: chunked"};

    (void)server;
    tool_write_random("sent", BODY);
    for (size_t i = 0; i < sizeof framings / sizeof *framings; i++) {
        tool_expect_output(tool_run_curl(proxy, "/echo",
                                         WORDS("--data-binary", "@sent", "--header", framings[i],
                                               "--header", "Expect: 100-continue", "--output",
                                               "received", "--write-out", "%{http_code}")),
                           "200");
        tool_expect_same_files("sent", "received");
    }
}

static void a_stream(const struct server_process *server, const struct server_process *proxy)
{
    char *direct = tool_run_curl(server, "/stream?n=1000", WORDS("--http1.0"));

    tool_expect_output(tool_run_curl(proxy, "/stream?n=1000", WORDS("--no-buffer")), direct);
    free(direct);
}

static void a_large_file(const struct server_process *server, const struct server_process *proxy)
{
    (void)server;
    tool_expect_output(tool_run_curl(proxy, "/big.bin", WORDS("--output", "received")), "");
    tool_expect_same_files("root/big.bin", "received");
}

static void nothing_new(const struct server_process *server, const struct server_process *proxy)
{
    (void)server;
    tool_expect_output(
        tool_run_curl(proxy, "/plain.txt",
                      WORDS("--header", "If-None-Match: *", "--write-out", "%{http_code}")),
        "304");
}

static void a_part_of_a_file(const struct server_process *server,
                             const struct server_process *proxy)
{
    (void)server;
    tool_copy_file("root/300000-bytes.bin", "received", 1);
    tool_expect_output(tool_run_curl(proxy, "/300000-bytes.bin",
                                     WORDS("--continue-at", "-", "--output", "received")),
                       "");
    tool_expect_same_files("root/300000-bytes.bin", "received");
}

static void a_slow_answer(const struct server_process *server, const struct server_process *proxy)
{
    (void)server;
    tool_expect_output(tool_run_curl(proxy, "/slow?ms=200", WORDS("--no-buffer")),
                       "That took a while.\n");
}

static unsigned long connections_opened(const struct server_process *server)
{
    static const char name[] = "\"opened\":";
    char *status = tool_run_curl(server, "/status", WORDS("--fail"));
    unsigned long sum = 0;

    for (const char *at = status; (at = strstr(at, name)) != NULL; at += strlen(name)) {
        sum += strtoul(at + strlen(name), NULL, 10);
    }
    ck_assert_msg(sum > 0, "not even this connection is counted: %s", status);
    free(status);
    return sum;
}

static void many_on_kept_connections(const struct server_process *server,
                                     const struct server_process *proxy)
{
    proxy_expect_answers(proxy, REQUESTS);
    unsigned long opened = connections_opened(server);
    ck_assert_msg(opened <= KEPT, "%lu connections for %d requests", opened, REQUESTS);
}

static void many_on_connections_that_end(const struct server_process *server,
                                         const struct server_process *proxy)
{
    (void)server;
    proxy_expect_answers(proxy, REQUESTS);
}

static const struct {
    void (*run)(const struct server_process *server, const struct server_process *proxy);
    const char *server_option; /* NULL: none */
} traffic[] = {
    {pages, NULL},
    {bodies, NULL},
    {a_stream, NULL},
    {a_large_file, NULL},
    {nothing_new, NULL},
    {a_part_of_a_file, NULL},
    {a_slow_answer, NULL},
    {many_on_kept_connections, NULL},
    {many_on_connections_that_end, "--max-requests=7"},
};

int proxy_traffic_count(void)
{
    return sizeof traffic / sizeof *traffic;
}

const char *proxy_traffic_server_option(int i)
{
    return traffic[i].server_option;
}

void proxy_traffic_run(int i, const struct server_process *server,
                       const struct server_process *proxy)
{
    traffic[i].run(server, proxy);
}
