/* The server as Python's http.client and urllib see it. */
#include "tools.h"

#include <stdio.h>

enum { PYTHON };

static const char *const tools[] = {"python3", NULL};

/* Functions of tools/python_client.py. */
static const char *const functions[] = {
    "many_requests_share_a_connection",
    "status_is_json",
    "too_much_is_413",
    "too_much_is_413_every_time",
    "too_many_chunks_are_413",
    "chunks_come_back",
    "stream_can_be_read_by_line",
    "redirect_is_followed",
    "error_has_a_text",
    "big_file_is_as_it_is",
};

START_TEST(python_understands_the_answers)
{
    char port[16];

    snprintf(port, sizeof port, "%u", tools_start_server(NULL)->port);
    tool_expect_output(
        tool_run(PYTHON, WORDS(tool_script("python_client.py"), port, functions[_i])), "");
}
END_TEST

int main(int argc, char **argv)
{
    tools_init(argc, argv, tools);

    Suite *suite = integration_suite("Python");

    integration_add(suite, python_understands_the_answers, sizeof functions / sizeof *functions);
    return tools_run(suite);
}
