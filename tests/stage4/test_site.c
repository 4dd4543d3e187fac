#include "json_check.h"
#include "epoll_dispatcher.h"
#include "http_service.h"
#include "request_fixture.h"
#include "site.h"
#include "suite_runner.h"
#include "thread_pool.h"
#include "welcome_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 3 };

/* Main reactor and pool as the server has them, with the threads idle. */
static struct http_service service;
static struct reactor_config reactor_config;
static struct thread_pool_config pool_config;
static struct thread_pool *pool;
static struct reactor main_reactor;
static struct router *router;
static struct status_page page;
static struct request_fixture fixture;

static void on_failure(void *context, int error)
{
    (void)context;
    ck_abort_msg("a loop ended with %d", error);
}

static void open_site(size_t threads)
{
    service = (struct http_service){.limits = HTTP_LIMITS_DEFAULT};
    reactor_config = (struct reactor_config){
        .dispatcher = &epoll_dispatcher,
        .wakeup = &eventfd_wakeup,
        .limits = CONNECTION_LIMITS_DEFAULT,
        .callbacks = &http_callbacks,
        .hooks = http_service_hooks(&service),
    };
    pool_config = (struct thread_pool_config){
        .thread_count = threads,
        .reactor = &reactor_config,
        .policy = &round_robin_policy,
        .on_failure = on_failure,
    };
    page = (struct status_page){
        .service = &service,
        .program = "stage4-http",
        .dispatcher = "epoll",
        .wakeup = "eventfd",
        .policy = "round-robin",
        .threads = (long)threads,
    };
    ck_assert_int_eq(router_create(&router), 0);
    ck_assert_int_eq(site_add_routes(router, &service, &page, NULL), 0);
    service.router = router;
    ck_assert_int_eq(thread_pool_create(&pool_config, &pool), 0);
    ck_assert_int_eq(
        reactor_init(&main_reactor, &reactor_config, pool, thread_pool_main_load(pool)), 0);
    ck_assert_int_eq(thread_pool_start(pool, &main_reactor), 0);
}

static void close_site(void)
{
    thread_pool_stop(pool);
    reactor_release(&main_reactor);
    thread_pool_destroy(pool);
    router_destroy(router);
}

static void ask(const char *method, const char *target)
{
    request_fixture_open(&fixture, method, target);
    const struct http_route *route = router_find(router, &fixture.request, &fixture.response);
    if (route != NULL) {
        const struct http_context context = {.user = route->user, .reactor = &main_reactor};
        route->handler(&fixture.request, &fixture.response, &context);
    }
}

START_TEST(the_status_is_json_with_every_loop)
{
    static const char *const per_loop[] = {
        "connections", "iterations", "events",   "busy_ns",   "waiting_ns", "wakeups",   "tasks",
        "opened",      "closed",     "bytes_in", "bytes_out", "requests",   "responses", "errors",
    };
    size_t threads = (size_t)_i;

    open_site(threads);
    ask("GET", "/status");
    ck_assert_int_eq(fixture.response.status, 200);
    ck_assert_str_eq(fixture.response.type, "application/json");
    ck_assert_str_eq(response_field(&fixture.response, "Cache-Control"), "no-store");
    size_t length = (size_t)fixture.response.length;
    char *text = strndup(fixture.response.bytes, length);
    ck_assert_msg(json_is_valid(text, length), "not JSON: %s", text);
    for (size_t i = 0; i < sizeof per_loop / sizeof per_loop[0]; i++) {
        ck_assert_msg(json_members(text, per_loop[i]) == threads + 1,
                      "\"%s\": expected %zu times, got %zu in %s", per_loop[i], threads + 1,
                      json_members(text, per_loop[i]), text);
    }
    char expected[64];
    snprintf(expected, sizeof expected, "\"threads\":%zu,\"open_connections\":0,", threads);
    ck_assert_msg(strstr(text, expected) != NULL, "expected %s in %s", expected, text);
    ck_assert_uint_eq(json_members(text, "name"), threads + 1);
    ck_assert_ptr_nonnull(strstr(text, "\"main-reactor\""));
    ck_assert((strstr(text, "\"sub-reactor-0\"") != NULL) == (threads > 0));
    free(text);
    request_fixture_close(&fixture);
    close_site();
}
END_TEST

START_TEST(hello_is_plain_text)
{
    open_site(0);
    ask("GET", "/hello");
    ck_assert_int_eq(fixture.response.status, 200);
    ck_assert_str_eq(fixture.response.type, "text/plain");
    ck_assert_uint_eq(fixture.response.length, 14);
    ck_assert_int_eq(memcmp(fixture.response.bytes, "Hello, world!\n", 14), 0);
    request_fixture_close(&fixture);
    close_site();
}
END_TEST

START_TEST(without_files_the_welcome_page_is_at_the_root)
{
    open_site(0);
    ask("GET", "/");
    ck_assert_int_eq(fixture.response.status, 200);
    ck_assert_str_eq(fixture.response.type, "text/html; charset=utf-8");
    ck_assert_uint_gt(fixture.response.length, 0);
    ck_assert_uint_eq(fixture.response.length, welcome_page_length);
    request_fixture_close(&fixture);
    ask("GET", "/index.html");
    ck_assert_int_eq(fixture.response.status, 404);
    request_fixture_close(&fixture);
    ask("POST", "/status");
    ck_assert_int_eq(fixture.response.status, 405);
    request_fixture_close(&fixture);
    close_site();
}
END_TEST

/* The check itself: what it must not let pass. */
START_TEST(the_json_check_knows_what_is_no_json)
{
    static const char *const bad[] = {
        "",      "{",    "}",  "{\"a\":}", "{\"a\":1,}", "[1,]", "[1 2]",   "{\"a\"1}",
        "{a:1}", "[1]]", "01", "\"a",      "{1:1}",      "[,]",  "nothing", "1,2"};
    static const char *const good[] = {"{}", "[]", "[1,{\"a\":[\"b\\\"\",0]}]\n", " 10 "};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!json_is_valid(bad[i], strlen(bad[i])), "taken for JSON: %s", bad[i]);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert_msg(json_is_valid(good[i], strlen(good[i])), "not taken for JSON: %s", good[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("site");
    TCase *status = tcase_create("status");
    TCase *pages = tcase_create("pages");

    tcase_add_loop_test(status, the_status_is_json_with_every_loop, 0, MOST_THREADS + 1);
    tcase_add_test(status, the_json_check_knows_what_is_no_json);
    suite_add_tcase(suite, status);
    tcase_add_test(pages, hello_is_plain_text);
    tcase_add_test(pages, without_files_the_welcome_page_is_at_the_root);
    suite_add_tcase(suite, pages);
    return run_suite(suite);
}
