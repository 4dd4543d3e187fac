/* What a route keeps on a loop: context->local. */
#include "test_http_connection.h"

#include <stdio.h>
#include <stdlib.h>

/* How many requests a route has seen on this loop. */
static void answer_count(struct http_request *request, struct http_response *response,
                         const struct http_context *context)
{
    char text[8];

    (void)request;
    if (*context->local == NULL) {
        *context->local = calloc(1, sizeof(int));
        ck_assert_ptr_nonnull(*context->local);
    }
    int *count = *context->local;
    int length = snprintf(text, sizeof text, "%d", ++*count);
    http_response_copy(response, "text/plain", text, (size_t)length);
}

static int released_counts;

static void release_count(void *local)
{
    released_counts += *(int *)local;
    free(local);
}

START_TEST(each_route_keeps_what_it_likes_until_the_loop_ends)
{
    const struct http_route routes[] = {
        {.pattern = "/a", .handler = answer_count, .release_local = release_count},
        {.pattern = "/b", .handler = answer_count, .release_local = release_count},
        {.pattern = "/unused", .handler = answer_count, .release_local = release_count},
    };
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    ck_assert_int_eq(router_create(&config.router), 0);
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        ck_assert_int_eq(router_add(config.router, &routes[i]), 0);
    }
    server_open(&config);
    struct test_client client = client_open(stream_pair);
    client_sends(&client, GET("/a") GET("/a") GET("/b") GET("/a"));
    client_reads_all(&client);
    client_expects(&client, 200, "1");
    client_expects(&client, 200, "2");
    client_expects(&client, 200, "1");
    client_expects(&client, 200, "3");
    client_close(&client);
    ck_assert_int_eq(released_counts, 0);
    server_close();
    ck_assert_int_eq(released_counts, 4);
    router_destroy(config.router);
}
END_TEST

TCase *http_connection_locals(void)
{
    TCase *cases = tcase_create("locals");

    tcase_add_test(cases, each_route_keeps_what_it_likes_until_the_loop_ends);
    return cases;
}
