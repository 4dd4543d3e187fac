/* ./lab run S4-range --port=8080 */
/* The service of stage 4 with one route of its own: /alphabet, whose ranges the learner decides. */
#include "byte_range.h"
#include "epoll_dispatcher.h"
#include "http_service.h"
#include "tcp_server.h"
#include "wakeup.h"

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

static void alphabet_handler(struct http_request *request, struct http_response *response,
                             const struct http_context *context)
{
    struct range_answer answer = {.status = 200};
    const char *bytes = alphabet;
    size_t length = sizeof alphabet - 1;
    struct http_span value;

    (void)context;
    if (http_request_single_field(request, "Range", &value)) {
        range_decide(value.data, value.length, length, &answer);
    }
    if (answer.status != 200) {
        http_response_add_field(response, "Content-Range", answer.content_range);
    }
    if (answer.status == 416) {
        http_response_error(response, 416);
        return;
    }
    if (answer.status == 206) {
        bytes += answer.first;
        length = (size_t)(answer.last - answer.first) + 1;
    }
    response->status = answer.status;
    http_response_borrow(response, "text/plain", bytes, length);
}

static int serve(const struct server_options *options, struct http_service *service)
{
    const struct tcp_server_config config = {
        .program = "S4-range",
        .scheme = "http://",
        .suffix = "/alphabet",
        .options = options,
        .policy = &round_robin_policy,
        .reactor = {&epoll_dispatcher, &eventfd_wakeup, http_connection_limits(service),
                    &http_callbacks, http_service_hooks(service)},
    };

    return tcp_server_run(&config);
}

int main(int argc, char **argv)
{
    const struct http_route route = {HTTP_GET, "/alphabet", alphabet_handler, NULL, false, NULL};
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    const struct cli_option table[] = {SERVER_OPTIONS_ROWS(options), CLI_END};
    const struct cli_program program = {
        .name = "S4-range", .summary = "Serves the alphabet, or a piece of it.", .options = table};
    struct http_service service = {HTTP_LIMITS_DEFAULT, HTTP_PATIENCE_DEFAULT, 1000, 1000,
                                   .log = NULL};
    struct router *router = NULL;
    int status;

    if (!cli_parse(&program, argc, argv, &status)) {
        return status;
    }
    if (router_create(&router) < 0 || router_add(router, &route) < 0) {
        router_destroy(router);
        return 1;
    }
    service.router = router;
    status = serve(&options, &service);
    router_destroy(router);
    return status;
}
