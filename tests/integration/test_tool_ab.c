/* The server as ab sees it, which speaks HTTP/1.0: with -k it asks for the connection to stay. */
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AB, REQUESTS = 2000 };

static const char *const tools[] = {"ab", NULL};

static const struct {
    const char *path;
    const char *option; /* NULL: none */
    unsigned long kept;
} loads[] = {
    {"/hello", NULL, 0},           {"/hello", "-k", REQUESTS},
    {"/16385-bytes.bin", NULL, 0}, {"/16385-bytes.bin", "-k", REQUESTS},
    {"/echo", "-ppayload", 0},
};

/* The number behind a label in ab's report; 0 if the label is not there. */
static unsigned long number_of(const char *report, const char *label)
{
    const char *at = strstr(report, label);

    return at == NULL ? 0 : strtoul(at + strlen(label), NULL, 10);
}

/* To ab, an answer whose length is not that of the first is a failed request, too. */
START_TEST(ab_meets_no_failure)
{
    struct server_process *server = tools_start_server(NULL);
    char url[64];
    const char *option = loads[_i].option != NULL ? loads[_i].option : "-q";

    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server->port, loads[_i].path);
    tool_write_random("payload", 1000);
    char *report = tool_run(AB, WORDS("-q", "-n2000", "-c16", "-s60", option, url));
    ck_assert_msg(number_of(report, "Complete requests:") == REQUESTS &&
                      number_of(report, "Failed requests:") == 0 &&
                      number_of(report, "Non-2xx responses:") == 0 &&
                      number_of(report, "Keep-Alive requests:") == loads[_i].kept,
                  "not %d good answers, %lu of them on kept connections:\n%s", REQUESTS,
                  loads[_i].kept, report);
    free(report);
}
END_TEST

int main(int argc, char **argv)
{
    tools_init(argc, argv, tools);

    Suite *suite = integration_suite("ab");

    integration_add(suite, ab_meets_no_failure, sizeof loads / sizeof *loads);
    return tools_run(suite);
}
