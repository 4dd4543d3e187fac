/*
 * The server as other people's clients see it: curl, and Python's http.client and json.
 *
 * Arguments behind the usual two: the path of python, that of curl. Without curl the program ends
 * with status 77, which tells Meson that it was skipped.
 */
#include "configurations.h"
#include "integration.h"
#include "web_root.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PYTHON = 3, CURL = 4, SKIPPED = 77, ARGUMENTS = 12 };

static struct server_process *start(void)
{
    const char *const words[] = {web_root_option(), NULL};

    return configuration_start(1, words);
}

/* Runs a tool, which must succeed, and returns what it wrote to standard output, to be freed. */
static char *run(const char *program, const char *const *arguments)
{
    struct server_process *tool =
        server_spawn(&(struct server_launch){.program = program, .arguments = arguments});
    char *output = server_read_output(tool);

    server_expect_exit(tool, 0);
    return output;
}

static char *run_python(const struct server_process *server, const char *script)
{
    char port[16];

    snprintf(port, sizeof port, "%u", server->port);
    return run(integration_argument(PYTHON), (const char *const[]){"-c", script, port, NULL});
}

/* Up to eight options of curl's, and a path; %{...} of curl's --write-out comes behind the body. */
static char *run_curl(const struct server_process *server, const char *path,
                      const char *const *options)
{
    const char *words[ARGUMENTS] = {"--silent", "--show-error", "--noproxy", "*"};
    char url[128];
    int count = 4;

    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server->port, path);
    words[count++] = url;
    while (*options != NULL) {
        ck_assert_int_lt(count, ARGUMENTS - 1);
        words[count++] = *options++;
    }
    return run(integration_argument(CURL), words);
}

static void expect_output(char *output, const char *expected)
{
    ck_assert_str_eq(output, expected);
    free(output);
}

START_TEST(curl_gets_hello)
{
    const char *const options[] = {"--write-out", "%{http_code} %{http_version}", NULL};

    expect_output(run_curl(start(), "/hello", options), "Hello, world!\n200 1.1");
}
END_TEST

START_TEST(curl_speaks_http_1_0)
{
    const char *const options[] = {"--http1.0", "--write-out", "%{http_code}", NULL};

    expect_output(run_curl(start(), "/hello", options), "Hello, world!\n200");
}
END_TEST

START_TEST(curl_asks_for_the_head_alone)
{
    const char *const options[] = {
        "--head", "--output", "/dev/null", "--write-out", "%{http_code} %{size_download}", NULL};

    expect_output(run_curl(start(), "/plain.txt", options), "200 0");
}
END_TEST

START_TEST(curl_uses_one_connection_for_two_requests)
{
    struct server_process *server = start();
    char again[64];

    snprintf(again, sizeof again, "http://127.0.0.1:%u/hello", server->port);
    const char *const words[] = {again, "--write-out", "%{num_connects},", NULL};
    expect_output(run_curl(server, "/hello", words), "Hello, world!\n1,Hello, world!\n0,");
}
END_TEST

START_TEST(curl_follows_the_redirect_to_a_directory)
{
    const char *const options[] = {"--location", NULL};

    expect_output(run_curl(start(), "/sub", options), "<html>the index of sub</html>\n");
}
END_TEST

START_TEST(curl_posts_and_is_told_that_it_may_not)
{
    const char *const options[] = {"--data",      "a=b",          "--output", "/dev/null",
                                   "--write-out", "%{http_code}", NULL};

    expect_output(run_curl(start(), "/hello", options), "405");
}
END_TEST

START_TEST(curl_downloads_the_big_file)
{
    const char *const options[] = {"--output", "/dev/null", "--write-out", "%{size_download}",
                                   NULL};
    char size[32];

    snprintf(size, sizeof size, "%d", WEB_ROOT_BIG);
    expect_output(run_curl(start(), "/big.bin", options), size);
}
END_TEST

START_TEST(curl_as_it_is_does_not_leave_the_root)
{
    const char *const options[] = {"--path-as-is", "--output",     "/dev/null",
                                   "--write-out",  "%{http_code}", NULL};

    expect_output(run_curl(start(), "/../secret.txt", options), "400");
}
END_TEST

START_TEST(the_status_is_json)
{
    static const char script[] =
        "import http.client, json, sys\n"
        "connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=30)\n"
        "connection.request('GET', '/status')\n"
        "answer = connection.getresponse()\n"
        "assert answer.getheader('Content-Type') == 'application/json'\n"
        "status = json.loads(answer.read())\n"
        "print(status['threads'], len(status['loops']))\n";

    expect_output(run_python(start(), script), "2 3\n");
}
END_TEST

START_TEST(python_that_sends_too_much_reads_the_413)
{
    static const char script[] =
        "import http.client, sys\n"
        "connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=30)\n"
        "connection.request('POST', '/hello', body=bytes(16 << 20))\n"
        "print(connection.getresponse().status)\n";

    expect_output(run_python(start(), script), "413\n");
}
END_TEST

START_TEST(python_that_sends_too_many_chunks_reads_the_413)
{
    static const char script[] =
        "import http.client, sys\n"
        "connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=30)\n"
        "chunks = (bytes(65536) for _ in range(256))\n"
        "connection.request('POST', '/hello', body=chunks, encode_chunked=True,\n"
        "                   headers={'Transfer-Encoding': 'chunked'})\n"
        "print(connection.getresponse().status)\n";

    expect_output(run_python(start(), script), "413\n");
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);
    if (integration_argument(PYTHON) == NULL || integration_argument(CURL) == NULL) {
        fprintf(stderr, "curl is missing: these tests are skipped\n");
        return SKIPPED;
    }
    web_root_create();

    Suite *suite = integration_suite("HTTP tools");

    integration_add(suite, curl_gets_hello, 1);
    integration_add(suite, curl_speaks_http_1_0, 1);
    integration_add(suite, curl_asks_for_the_head_alone, 1);
    integration_add(suite, curl_uses_one_connection_for_two_requests, 1);
    integration_add(suite, curl_follows_the_redirect_to_a_directory, 1);
    integration_add(suite, curl_posts_and_is_told_that_it_may_not, 1);
    integration_add(suite, curl_downloads_the_big_file, 1);
    integration_add(suite, curl_as_it_is_does_not_leave_the_root, 1);
    integration_add(suite, the_status_is_json, 1);
    integration_add(suite, python_that_sends_too_much_reads_the_413, 1);
    integration_add(suite, python_that_sends_too_many_chunks_reads_the_413, 1);
    int status = integration_run(suite);
    web_root_remove();
    return status;
}
