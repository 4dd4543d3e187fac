/* The server under the load of wrk: 32 connections that ask again as soon as they are answered. */
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRK };

static const char *const tools[] = {"wrk", NULL};

static const struct {
    const char *path;
    const char *script; /* NULL: plain GET */
} loads[] = {
    {"/hello", NULL},
    {"/hello", "wrk_pipeline.lua"},
    {"/echo", "wrk_post.lua"},
    {"/300000-bytes.bin", NULL},
};

static unsigned long requests_in(const char *report)
{
    unsigned long requests = 0;
    const char *line = strstr(report, " requests in ");

    while (line != NULL && line > report && line[-1] != '\n') {
        line--;
    }
    ck_assert_msg(line != NULL && sscanf(line, "%lu requests in ", &requests) == 1,
                  "no number of requests in:\n%s", report);
    return requests;
}

/* wrk speaks of errors only if there are any. */
START_TEST(wrk_meets_no_error)
{
    static const char *const complaints[] = {"Socket errors", "Non-2xx", "wrong answers: "};
    struct server_process *server = tools_start_server(NULL);
    char url[64];
    const char *words[] = {"-t1", "-c32", "-d1s", "--timeout", "30s", url, NULL, NULL, NULL};

    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server->port, loads[_i].path);
    if (loads[_i].script != NULL) {
        words[6] = "-s";
        words[7] = tool_script(loads[_i].script);
    }
    char *report = tool_run(WRK, words);
    ck_assert_uint_gt(requests_in(report), 0);
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        const char *found = strstr(report, complaints[i]);
        ck_assert_msg(found == NULL || strncmp(found, "wrong answers: 0\n", 17) == 0, "%s", report);
    }
    free(report);
}
END_TEST

int main(int argc, char **argv)
{
    tools_init(argc, argv, tools);

    Suite *suite = integration_suite("wrk");

    integration_add(suite, wrk_meets_no_error, sizeof loads / sizeof *loads);
    return tools_run(suite);
}
