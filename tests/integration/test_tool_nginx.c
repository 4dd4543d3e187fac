/* The server behind nginx, once with and once without nginx's buffers in between. */
#include "proxy_traffic.h"
#include "tools.h"

#include <unistd.h>

enum { CURL, NGINX, MODES = 2 };

static const char *const tools[] = {"curl", "nginx", NULL};

START_TEST(everything_comes_through_nginx)
{
    static const char *const sockets[MODES] = {"buffering.sock", "passing.sock"};
    int kind = _i / MODES;
    struct server_process *server = tools_start_server(WORDS(proxy_traffic_server_option(kind)));

    proxy_configure("nginx.conf", (const struct server_process *const[]){server});
    /* An nginx that a failed test has killed is gone, its sockets are not. */
    for (int i = 0; i < MODES; i++) {
        unlink(sockets[i]);
    }
    proxy_traffic_run(kind, server,
                      proxy_start(NGINX, WORDS("-e", "stderr", "-p", ".", "-c", "nginx.conf"),
                                  sockets[_i % MODES]));
}
END_TEST

int main(int argc, char **argv)
{
    tools_init(argc, argv, tools);

    Suite *suite = integration_suite("nginx");

    integration_add(suite, everything_comes_through_nginx, proxy_traffic_count() * MODES);
    return tools_run(suite);
}
