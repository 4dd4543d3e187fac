/* The server as Node's http module sees it. */
#include "tools.h"

#include <stdio.h>

enum { NODE };

static const char *const tools[] = {"node", NULL};

/* Functions of tools/node_client.js. */
static const char *const functions[] = {
    "an_agent_keeps_its_connection",
    "many_requests_at_once_are_answered",
    "a_body_waits_for_100_continue",
    "a_body_in_chunks_comes_back",
    "requests_broken_off_leave_nothing_behind",
};

START_TEST(node_understands_the_answers)
{
    char port[16];

    snprintf(port, sizeof port, "%u", tools_start_server(NULL)->port);
    tool_expect_output(tool_run(NODE, WORDS(tool_script("node_client.js"), port, functions[_i])),
                       "");
}
END_TEST

int main(int argc, char **argv)
{
    tools_init(argc, argv, tools);

    Suite *suite = integration_suite("Node");

    integration_add(suite, node_understands_the_answers, sizeof functions / sizeof *functions);
    return tools_run(suite);
}
