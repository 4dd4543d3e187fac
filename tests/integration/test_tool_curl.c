/* The server as curl sees it. */
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CURL, OPTIONS_MAX = 8, UPLOAD = 100000, MOST = 1 << 20, HALF = 10 << 20 };

static const char *const tools[] = {"curl", NULL};

#define STATUS "--output", "/dev/null", "--write-out", "%{http_code}"
#define WITH_STATUS "--write-out", " %{http_code}"
#define STATUS_AND_SIZE "--output", "/dev/null", "--write-out", "%{http_code} %{size_download}"

/* One curl with one URL: what it prints. */
static const struct {
    const char *what;
    const char *path;
    const char *options[OPTIONS_MAX];
    const char *output;
} commands[] = {
    {"a page", "/hello", {"--write-out", "%{http_code} %{http_version}"}, "Hello, world!\n200 1.1"},
    {"HTTP/1.0", "/hello", {"--http1.0", "--write-out", "%{http_code}"}, "Hello, world!\n200"},
    {"the head alone", "/plain.txt", {"--head", STATUS_AND_SIZE}, "200 0"},
    {"a redirect to a directory", "/sub", {"--location"}, "<html>the index of sub</html>\n"},
    {"a POST where it may not be", "/hello", {"--data", "a=b", STATUS}, "405"},
    {"a large file", "/big.bin", {STATUS_AND_SIZE}, "200 20971520"},
    {"a way out of the root", "/../secret.txt", {"--path-as-is", STATUS}, "400"},
    {"any coding that curl knows", "/plain.txt", {"--compressed"}, "plain\n"},
    {"a form", "/echo", {"--data", "a=b&c=d"}, "a=b&c=d"},
    {"a form without a field", "/echo", {"--data", ""}, ""},
    {"a cookie", "/cookies", {"--cookie", "a=1; b=2"}, "a=1\nb=2\n"},
    {"a stream", "/stream?n=3", {NULL}, "line 1\nline 2\nline 3\n"},
    {"a stream for HTTP/1.0", "/stream?n=3", {"--http1.0"}, "line 1\nline 2\nline 3\n"},
    {"a slow answer", "/slow?ms=50", {NULL}, "That took a while.\n"},
    {"a failure", "/nothing", {"--write-out", "%{http_code}"}, "404 Not Found\n404"},
    {"the first bytes", "/plain.txt", {"--range", "0-3", WITH_STATUS}, "plai 206"},
    {"the last bytes", "/plain.txt", {"--range", "-3", WITH_STATUS}, "in\n 206"},
    {"bytes beyond the end", "/plain.txt", {"--range", "2-999", WITH_STATUS}, "ain\n 206"},
    {"bytes behind the end", "/plain.txt", {"--range", "6-", STATUS}, "416"},
    {"a part of a large file", "/big.bin", {"--range", "7-99999", STATUS_AND_SIZE}, "206 99993"},
    {"nothing new", "/plain.txt", {"--header", "If-None-Match: *", STATUS_AND_SIZE}, "304 0"},
    {"a method of its own", "/hello", {"--request", "BREW", STATUS}, "501"},
};

START_TEST(curl_prints_what_it_was_sent)
{
    char *output = tool_run_curl(tools_start_server(NULL), commands[_i].path, commands[_i].options);

    ck_assert_msg(strcmp(output, commands[_i].output) == 0, "%s: not '%s', but '%s'",
                  commands[_i].what, commands[_i].output, output);
    free(output);
}
END_TEST

/* Behind each status, how many connections were made for it. */
START_TEST(curl_keeps_its_connection_whatever_it_asks_for)
{
    struct server_process *server = tools_start_server(NULL);
    char urls[256];

    snprintf(urls, sizeof urls, "http://127.0.0.1:%u/{plain.txt,nothing,sub,stream?n=5,empty.bin}",
             server->port);
    tool_expect_output(tool_run_curl(server, "/hello",
                                     WORDS("--output", "one", urls, "--output", "#1", "--write-out",
                                           "%{http_code} %{num_connects},")),
                       "200 1,200 0,404 0,301 0,200 0,200 0,");
}
END_TEST

START_TEST(curl_waits_for_100_continue_and_gets_its_bytes_back)
{
    char *heads;

    tool_write_random("sent", UPLOAD);
    heads = tool_run_curl(tools_start_server(NULL), "/echo",
                          WORDS("--header", "Expect: 100-continue", "--data-binary", "@sent",
                                "--output", "received", "--dump-header", "-"));
    ck_assert_msg(strstr(heads, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n") == heads,
                  "not 100 and 200: %s", heads);
    tool_expect_same_files("sent", "received");
    free(heads);
}
END_TEST

/* Just what the server accepts, without and with a length. */
START_TEST(curl_gets_the_largest_body_back)
{
    tool_write_random("sent", MOST);
    struct server_process *server = tools_start_server(NULL);
    const char *const *uploads[] = {
        WORDS("--data-binary", "@sent", "--output", "received", "--write-out", "%{http_code}"),
        WORDS("--upload-file", "sent", "--request", "POST", "--header",
              "Transfer-Encoding: chunked", "--output", "received", "--write-out", "%{http_code}"),
    };
    tool_expect_output(tool_run_curl(server, "/echo", uploads[_i]), "200");
    tool_expect_same_files("sent", "received");
}
END_TEST

START_TEST(curl_that_sends_too_much_reads_the_413)
{
    tool_write_random("sent", MOST + 1);
    struct server_process *server = tools_start_server(NULL);

    tool_expect_output(tool_run_curl(server, "/echo", WORDS("--data-binary", "@sent", STATUS)),
                       "413");
}
END_TEST

START_TEST(curl_asks_many_times_at_once)
{
    tool_expect_lines(
        tool_run_curl(tools_start_server(NULL), "/hello?[1-100]",
                      WORDS("--parallel", "--parallel-immediate", "--parallel-max", "20")),
        "Hello, world!", 100);
}
END_TEST

START_TEST(curl_downloads_the_big_file_as_it_is)
{
    tool_expect_output(
        tool_run_curl(tools_start_server(NULL), "/big.bin", WORDS("--output", "received")), "");
    tool_expect_same_files("root/big.bin", "received");
}
END_TEST

START_TEST(curl_does_not_get_the_same_again)
{
    struct server_process *server = tools_start_server(NULL);

    tool_expect_output(
        tool_run_curl(server, "/plain.txt", WORDS("--etag-save", "etag", WITH_STATUS)),
        "plain\n 200");
    tool_expect_output(
        tool_run_curl(server, "/plain.txt", WORDS("--etag-compare", "etag", STATUS_AND_SIZE)),
        "304 0");
}
END_TEST

START_TEST(curl_goes_on_where_it_was_interrupted)
{
    tool_copy_file("root/big.bin", "received", HALF);
    tool_expect_output(tool_run_curl(tools_start_server(NULL), "/big.bin",
                                     WORDS("--continue-at", "-", "--output", "received",
                                           "--write-out", "%{http_code} %{size_download}")),
                       "206 10485760");
    tool_expect_same_files("root/big.bin", "received");
}
END_TEST

int main(int argc, char **argv)
{
    tools_init(argc, argv, tools);

    Suite *suite = integration_suite("curl");

    integration_add(suite, curl_prints_what_it_was_sent, sizeof commands / sizeof *commands);
    integration_add(suite, curl_keeps_its_connection_whatever_it_asks_for, 1);
    integration_add(suite, curl_waits_for_100_continue_and_gets_its_bytes_back, 1);
    integration_add(suite, curl_gets_the_largest_body_back, 2);
    integration_add(suite, curl_that_sends_too_much_reads_the_413, 1);
    integration_add(suite, curl_asks_many_times_at_once, 1);
    integration_add(suite, curl_downloads_the_big_file_as_it_is, 1);
    integration_add(suite, curl_does_not_get_the_same_again, 1);
    integration_add(suite, curl_goes_on_where_it_was_interrupted, 1);
    return tools_run(suite);
}
