/* The server behind HAProxy, which reuses connections for all it can, and watches its health. */
#include "proxy_traffic.h"
#include "tools.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { CURL, HAPROXY, KILLED_BY_SIGTERM = 128 + SIGTERM, REQUESTS = 50 };

static const char *const tools[] = {"curl", "haproxy", NULL};

static struct server_process *start(const char *configuration,
                                    const struct server_process *const servers[])
{
    proxy_configure(configuration, servers);
    struct server_process *proxy =
        proxy_start(HAPROXY, WORDS("-db", "-f", configuration), "haproxy.sock");
    proxy->end_signal = SIGUSR1; /* To HAProxy, SIGTERM is a violent end, with its own status. */
    return proxy;
}

START_TEST(everything_comes_through_haproxy)
{
    struct server_process *server = tools_start_server(WORDS(proxy_traffic_server_option(_i)));

    proxy_traffic_run(_i, server,
                      start("haproxy.cfg", (const struct server_process *const[]){server}));
}
END_TEST

static bool is_taken_out(const struct server_process *proxy)
{
    proxy_expect_answers(proxy, REQUESTS);
    return server_log_count(proxy, "Server servers/first is DOWN") == 1;
}

/* It is told to end, and goes on answering until everyone has had the time to notice. */
START_TEST(haproxy_leaves_a_server_that_is_ending_and_no_request_is_lost)
{
    struct server_process *first = tools_start_server(WORDS("--drain-delay=600000"));
    struct server_process *second = tools_start_server(NULL);
    struct server_process *proxy =
        start("haproxy_pair.cfg", (const struct server_process *const[]){first, second});
    const char *const options[] = {"--dump-header", "-", "--output", "/dev/null", NULL};

    proxy_expect_answers(proxy, REQUESTS);
    server_signal(first, SIGTERM);
    await(is_taken_out(proxy), "HAProxy says that the first server is down");
    tool_expect_output(tool_run_curl(first, "/hello", WORDS("--write-out", "%{http_code}")),
                       "Hello, world!\n200");
    for (int i = 0; i < 2; i++) {
        char *head = tool_run_curl(proxy, "/hello", options);
        ck_assert_msg(strcasestr(head, "\r\nserved-by: second\r\n") != NULL, "%s", head);
        free(head);
    }
    server_signal(first, SIGTERM);
    server_expect_exit(first, KILLED_BY_SIGTERM);
    proxy_expect_answers(proxy, REQUESTS);
}
END_TEST

int main(int argc, char **argv)
{
    tools_init(argc, argv, tools);

    Suite *suite = integration_suite("HAProxy");

    integration_add(suite, everything_comes_through_haproxy, proxy_traffic_count());
    integration_add(suite, haproxy_leaves_a_server_that_is_ending_and_no_request_is_lost, 1);
    return tools_run(suite);
}
