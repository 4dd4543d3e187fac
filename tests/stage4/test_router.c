#include "request_fixture.h"
#include "router.h"
#include "suite_runner.h"

#include <stdio.h>
#include <string.h>

static struct router *router;
static struct request_fixture fixture;

/* What the handler saw: "user a=1 b=2". */
static char called[256];

static void put_parameter(const char *name)
{
    struct http_span value = http_request_parameter(&fixture.request, name);

    if (value.length > 0) {
        size_t used = strlen(called);
        snprintf(called + used, sizeof called - used, " %s=%.*s", name, (int)value.length,
                 value.data);
    }
}

static void note_call(struct http_request *request, struct http_response *response,
                      const struct http_context *context)
{
    const char *user = context->user;

    ck_assert_ptr_eq(request, &fixture.request);
    ck_assert_ptr_eq(response, &fixture.response);
    ck_assert_msg(called[0] == '\0', "called twice: %s and %s", called, user);
    strcpy(called, user);
    put_parameter("a");
    put_parameter("b");
    put_parameter("c");
    put_parameter("d");
}

static char users[16][40];
static size_t user_count;

static void add(enum http_method method, const char *pattern)
{
    char *user = users[user_count++];

    snprintf(user, sizeof users[0], "%s %s", http_method_names[method], pattern);
    const struct http_route route = {method, pattern, note_call, user, .blocking = false};
    ck_assert_int_eq(router_add(router, &route), 0);
}

static void add_blocking(const char *pattern)
{
    const struct http_route route = {HTTP_GET, pattern, note_call, "blocking", .blocking = true};

    ck_assert_int_eq(router_add(router, &route), 0);
}

static void setup(void)
{
    ck_assert_int_eq(router_create(&router), 0);
    user_count = 0;
}

static void teardown(void)
{
    router_destroy(router);
}

static void dispatch(const char *method, const char *target)
{
    called[0] = '\0';
    request_fixture_open(&fixture, method, target);
    const struct http_route *route = router_find(router, &fixture.request, &fixture.response);
    if (route != NULL) {
        const struct http_context context = {.user = route->user};
        route->handler(&fixture.request, &fixture.response, &context);
    }
}

static void expect_call(const char *method, const char *target, const char *expected)
{
    dispatch(method, target);
    ck_assert_msg(strcmp(called, expected) == 0, "%s %s: expected '%s', got '%s', status %d",
                  method, target, expected, called, fixture.response.status);
    request_fixture_close(&fixture);
}

/* `allow`: NULL if there must be no such field. */
static void expect_status(const char *method, const char *target, int status, const char *allow)
{
    dispatch(method, target);
    ck_assert_msg(called[0] == '\0', "%s %s: expected %d, got a call of %s", method, target, status,
                  called);
    ck_assert_msg(fixture.response.status == status, "%s %s: expected %d, got %d", method, target,
                  status, fixture.response.status);
    const char *got = response_field(&fixture.response, "Allow");
    const char *got_text = got != NULL ? got : "none";
    const char *wanted_text = allow != NULL ? allow : "none";
    ck_assert_msg(strcmp(got_text, wanted_text) == 0, "%s %s: expected Allow '%s', got '%s'",
                  method, target, wanted_text, got_text);
    request_fixture_close(&fixture);
}

START_TEST(a_pattern_without_names_matches_that_path_only)
{
    add(HTTP_GET, "/");
    add(HTTP_GET, "/hello");
    add(HTTP_GET, "/hello/world");
    expect_call("GET", "/", "GET /");
    expect_call("GET", "/hello", "GET /hello");
    expect_call("GET", "/hello?a=b", "GET /hello");
    expect_call("GET", "/hel%6co", "GET /hello");
    expect_call("GET", "http://x/hello", "GET /hello");
    expect_call("GET", "http://x", "GET /");
    expect_call("GET", "/hello/world", "GET /hello/world");
    expect_status("GET", "/hello/", 404, NULL);
    expect_status("GET", "/hell", 404, NULL);
    expect_status("GET", "/helloo", 404, NULL);
    expect_status("GET", "/Hello", 404, NULL);
    expect_status("GET", "//hello", 404, NULL);
    expect_status("GET", "/hello/worl", 404, NULL);
    expect_status("GET", "/hello/world/x", 404, NULL);
}
END_TEST

START_TEST(a_name_matches_one_segment_that_is_not_empty)
{
    add(HTTP_GET, "/users/:a");
    add(HTTP_GET, "/users/:a/posts/:b");
    expect_call("GET", "/users/7", "GET /users/:a a=7");
    expect_call("GET", "/users/%37%38", "GET /users/:a a=78");
    expect_call("GET", "/users/7/posts/x-y", "GET /users/:a/posts/:b a=7 b=x-y");
    expect_status("GET", "/users/", 404, NULL);
    expect_status("GET", "/users", 404, NULL);
    expect_status("GET", "/users/7/", 404, NULL);
    expect_status("GET", "/users/7/8", 404, NULL);
    expect_status("GET", "/users//posts/8", 404, NULL);
}
END_TEST

START_TEST(there_are_as_many_parameters_as_a_request_has_room_for)
{
    add(HTTP_GET, "/:a/:b/:c/:d");
    add(HTTP_GET, "/x/:a/:b/:c/:d/:e");
    expect_call("GET", "/1/2/3/4", "GET /:a/:b/:c/:d a=1 b=2 c=3 d=4");
    expect_status("GET", "/x/1/2/3/4/5", 404, NULL);
}
END_TEST

START_TEST(parameters_of_a_route_that_did_not_match_are_gone)
{
    add(HTTP_GET, "/:a/:b/no");
    add(HTTP_GET, "/x/:c/yes");
    expect_call("GET", "/x/1/yes", "GET /x/:c/yes c=1");
}
END_TEST

START_TEST(an_asterisk_matches_the_rest_whatever_it_is)
{
    add(HTTP_GET, "/files/*");
    expect_call("GET", "/files/", "GET /files/*");
    expect_call("GET", "/files/a", "GET /files/*");
    expect_call("GET", "/files/a/b//c/", "GET /files/*");
    expect_status("GET", "/files", 404, NULL);
    expect_status("GET", "/filesa/b", 404, NULL);
    expect_status("GET", "/", 404, NULL);
    add(HTTP_GET, "/*");
    expect_call("GET", "/", "GET /*");
    expect_call("GET", "/files", "GET /*");
}
END_TEST

START_TEST(routes_are_tried_in_the_order_in_which_they_were_added)
{
    add(HTTP_GET, "/a/special");
    add(HTTP_GET, "/a/:a");
    add(HTTP_GET, "/*");
    add(HTTP_GET, "/late");
    expect_call("GET", "/a/special", "GET /a/special");
    expect_call("GET", "/a/b", "GET /a/:a a=b");
    expect_call("GET", "/a/b/c", "GET /*");
    expect_call("GET", "/late", "GET /*");
}
END_TEST

START_TEST(head_goes_to_the_handler_of_get)
{
    add(HTTP_POST, "/a");
    add(HTTP_GET, "/a");
    expect_call("HEAD", "/a", "GET /a");
    expect_status("HEAD", "/b", 404, NULL);
}
END_TEST

/* RFC 9110, 15.5.6: the Allow field of a 405 lists what the resource supports. */
START_TEST(a_path_that_exists_for_other_methods_is_405_with_allow)
{
    add(HTTP_GET, "/a");
    add(HTTP_POST, "/b");
    add(HTTP_PUT, "/c/:a");
    add(HTTP_DELETE, "/c/x");
    expect_status("POST", "/a", 405, "OPTIONS, GET, HEAD");
    expect_status("GET", "/b", 405, "OPTIONS, POST");
    expect_status("HEAD", "/b", 405, "OPTIONS, POST");
    expect_status("PATCH", "/c/x", 405, "OPTIONS, PUT, DELETE");
    expect_status("DELETE", "/c/y", 405, "OPTIONS, PUT");
    expect_status("POST", "/none", 404, NULL);
}
END_TEST

START_TEST(every_method_has_its_own_routes)
{
    for (int i = 0; i < HTTP_METHODS_SERVED; i++) {
        if (i != HTTP_HEAD) {
            add((enum http_method)i, "/a");
        }
    }
    expect_call("GET", "/a", "GET /a");
    expect_call("POST", "/a", "POST /a");
    expect_call("PUT", "/a", "PUT /a");
    expect_call("DELETE", "/a", "DELETE /a");
    expect_call("PATCH", "/a", "PATCH /a");
    expect_call("OPTIONS", "/a", "OPTIONS /a");
}
END_TEST

/* RFC 9110, 9.3.7. */
START_TEST(options_are_answered_with_allow)
{
    add(HTTP_GET, "/a");
    add(HTTP_POST, "/b");
    expect_status("OPTIONS", "/a", 204, "OPTIONS, GET, HEAD");
    expect_status("OPTIONS", "/b", 204, "OPTIONS, POST");
    expect_status("OPTIONS", "/c", 404, NULL);
    expect_status("OPTIONS", "*", 204, "OPTIONS, GET, HEAD, POST");
}
END_TEST

START_TEST(options_of_a_server_without_routes_allow_options)
{
    expect_status("OPTIONS", "*", 204, "OPTIONS");
    expect_status("GET", "/", 404, NULL);
}
END_TEST

START_TEST(trace_and_connect_are_501_even_where_every_path_exists)
{
    add(HTTP_GET, "/*");
    expect_status("TRACE", "/", 501, NULL);
    expect_status("CONNECT", "x:443", 501, NULL);
}
END_TEST

START_TEST(an_error_has_a_text)
{
    dispatch("GET", "/none");
    ck_assert_uint_eq(fixture.response.length, strlen("404 Not Found\n"));
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(destroying_no_router_is_allowed)
{
    router_destroy(NULL);
}
END_TEST

/* What it means is up to who called; the router only finds it. */
START_TEST(a_blocking_route_is_found_as_any_other_and_says_what_it_is)
{
    static const struct {
        const char *method;
        const char *target;
        bool blocking;
    } cases[] = {
        {"GET", "/slow", true},   {"HEAD", "/slow", true},   {"GET", "/slow?ms=1", true},
        {"GET", "/quick", false}, {"HEAD", "/quick", false},
    };

    add(HTTP_GET, "/quick");
    add_blocking("/slow");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        request_fixture_open(&fixture, cases[i].method, cases[i].target);
        const struct http_route *route = router_find(router, &fixture.request, &fixture.response);
        ck_assert_msg(route != NULL && route->blocking == cases[i].blocking,
                      "%s %s: expected a route with blocking=%d, got %s", cases[i].method,
                      cases[i].target, cases[i].blocking, route != NULL ? "another" : "none");
        request_fixture_close(&fixture);
    }
    request_fixture_open(&fixture, "POST", "/slow");
    ck_assert_ptr_null(router_find(router, &fixture.request, &fixture.response));
    ck_assert_int_eq(fixture.response.status, 405);
    ck_assert_str_eq(response_field(&fixture.response, "Allow"), "OPTIONS, GET, HEAD");
    request_fixture_close(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("router");
    TCase *paths = tcase_create("paths");
    TCase *methods = tcase_create("methods");

    tcase_add_checked_fixture(paths, setup, teardown);
    tcase_add_test(paths, a_pattern_without_names_matches_that_path_only);
    tcase_add_test(paths, a_name_matches_one_segment_that_is_not_empty);
    tcase_add_test(paths, there_are_as_many_parameters_as_a_request_has_room_for);
    tcase_add_test(paths, parameters_of_a_route_that_did_not_match_are_gone);
    tcase_add_test(paths, an_asterisk_matches_the_rest_whatever_it_is);
    tcase_add_test(paths, routes_are_tried_in_the_order_in_which_they_were_added);
    tcase_add_test(paths, an_error_has_a_text);
    tcase_add_test(paths, destroying_no_router_is_allowed);
    suite_add_tcase(suite, paths);
    tcase_add_checked_fixture(methods, setup, teardown);
    tcase_add_test(methods, head_goes_to_the_handler_of_get);
    tcase_add_test(methods, a_path_that_exists_for_other_methods_is_405_with_allow);
    tcase_add_test(methods, every_method_has_its_own_routes);
    tcase_add_test(methods, options_are_answered_with_allow);
    tcase_add_test(methods, options_of_a_server_without_routes_allow_options);
    tcase_add_test(methods, a_blocking_route_is_found_as_any_other_and_says_what_it_is);
    tcase_add_test(methods, trace_and_connect_are_501_even_where_every_path_exists);
    suite_add_tcase(suite, methods);
    return run_suite(suite);
}
