/*
 * The end of a connection whose client goes on sending. A program of its own, for it takes ten
 * seconds, and others can run meanwhile.
 */
#include "client.h"
#include "http_client.h"
#include "integration.h"
#include "many_clients.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { LINGERS_MS = 8000 /* of the ten seconds, with a margin for coarse clocks */ };

/*
 * RFC 9112, 9.6. Who is silent after an error is let go after two seconds, and who goes on sending
 * after ten: so the answer arrives, and nobody stays for ever.
 */
START_TEST(a_client_that_goes_on_sending_after_an_error_is_discarded_and_then_let_go)
{
    static const struct many_clients_role roles[] = {
        {"BAD\r\n", "x", "HTTP/1.1 400 "},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n", "x", "HTTP/1.1 413 "},
        {"GET /hel", "l", "HTTP/1.1 408 "},
    };
    static const char *const words[] = {"--header-timeout=300", NULL};
    struct server_process *server = server_start(&(struct server_launch){.arguments = words});
    struct http_client watcher;
    struct many_clients clients = {0};

    http_connect(&watcher, server);
    http_ask(&watcher, "GET", "/hello");
    http_expect(&watcher, 200);
    int silent = client_connect(server);
    client_send_all(silent, "BAD\r\n", 5);
    many_clients_connect(&clients, server, roles, COUNT(roles));
    many_clients_go_on(&clients);
    int64_t ended = now_ms();
    /* Until the silent one is gone, and then until the others are. */
    await(many_clients_drip(&clients) == COUNT(roles) &&
              http_status_value(&watcher, "open_connections") == COUNT(roles) + 1,
          "the silent one is gone");
    int64_t deadline = now_ms() + 2 * patience_ms();
    while (many_clients_drip(&clients) > 0) {
        ck_assert_msg(now_ms() < deadline, "the server takes and takes");
    }
    ck_assert_int_ge(now_ms() - ended, LINGERS_MS);
    ck_assert_uint_eq(http_status_value(&watcher, "open_connections"), 1);
    many_clients_leave(&clients);
    client_reset(silent);
    http_disconnect(&watcher);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP lingering");

    integration_add(suite,
                    a_client_that_goes_on_sending_after_an_error_is_discarded_and_then_let_go, 1);
    return integration_run(suite);
}
