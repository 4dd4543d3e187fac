#include "capture.h"
#include "cli.h"
#include "suite_runner.h"

#include <string.h>
#include <unistd.h>

enum { MOST_WORDS = 6 };

static const char *const colours[] = {"red", "green", NULL};

/* What the options are set to; the values that no test asks for are the defaults. */
static const char *host = "default";
static long port = 80;
static long offset = 0;
static int colour = 0;

static const struct cli_option options[] = {
    {.name = "host", .argument = "NAME", .help = "a string", .kind = CLI_STRING, .target = &host},
    CLI_HEADED("Numbers"),
    {.name = "port",
     .argument = "N",
     .help = "a number",
     .kind = CLI_NUMBER,
     .target = &port,
     .minimum = 0,
     .maximum = 65535},
    {.name = "offset",
     .argument = "N",
     .help = "a number that may be negative",
     .kind = CLI_NUMBER,
     .target = &offset,
     .minimum = -10,
     .maximum = 10},
    {.name = "colour",
     .argument = "NAME",
     .help = "a choice",
     .kind = CLI_CHOICE,
     .target = &colour,
     .choices = colours},
    CLI_END,
};

static const struct cli_program program = {
    .name = "the-program",
    .summary = "A program of the tests.",
    .options = options,
};

struct outcome {
    bool go_on;
    int status;
    struct capture out;
    struct capture err;
};

/* Runs the parser over the words behind the program's name; NULL ends them. */
static void parse(struct outcome *outcome, const char *const *words)
{
    char storage[MOST_WORDS + 1][64] = {"the-program"};
    char *argv[MOST_WORDS + 2] = {storage[0]};
    int argc = 1;

    for (; words[argc - 1] != NULL; argc++) {
        ck_assert_int_le(argc, MOST_WORDS);
        strncpy(storage[argc], words[argc - 1], sizeof storage[0] - 1);
        argv[argc] = storage[argc];
    }
    outcome->status = -1;
    capture_begin(&outcome->out, STDOUT_FILENO);
    capture_begin(&outcome->err, STDERR_FILENO);
    outcome->go_on = cli_parse(&program, argc, argv, &outcome->status);
    capture_end(&outcome->err);
    capture_end(&outcome->out);
    /* A string option points into argv, which is about to go. */
    static char kept[64];
    if (strcmp(host, "default") != 0) {
        host = strcpy(kept, host);
    }
}

static const struct {
    const char *words[MOST_WORDS + 1];
    const char *host;
    long port;
    long offset;
    int colour;
} good[] = {
    {{NULL}, "default", 80, 0, 0},
    {{"--host=h"}, "h", 80, 0, 0},
    {{"--host", "h"}, "h", 80, 0, 0},
    {{"--host=a=b"}, "a=b", 80, 0, 0},
    {{"--host", "--odd"}, "--odd", 80, 0, 0},
    {{"--port=0"}, "default", 0, 0, 0},
    {{"--port", "65535"}, "default", 65535, 0, 0},
    {{"--port=007"}, "default", 7, 0, 0},
    {{"--offset=-10"}, "default", 80, -10, 0},
    {{"--offset", "10"}, "default", 80, 10, 0},
    {{"--colour=green"}, "default", 80, 0, 1},
    {{"--colour", "red"}, "default", 80, 0, 0},
    {{"--port=1", "--port=2"}, "default", 2, 0, 0},
    {{"--host=h", "--port", "1", "--offset", "-1", "--colour=green"}, "h", 1, -1, 1},
};

START_TEST(a_good_command_line_sets_the_targets_in_silence)
{
    struct outcome outcome;

    parse(&outcome, good[_i].words);
    ck_assert_msg(outcome.go_on, "'%s ...' was refused: %s", good[_i].words[0], outcome.err.text);
    ck_assert_str_eq(outcome.out.text, "");
    ck_assert_str_eq(outcome.err.text, "");
    ck_assert_str_eq(host, good[_i].host);
    ck_assert_int_eq(port, good[_i].port);
    ck_assert_int_eq(offset, good[_i].offset);
    ck_assert_int_eq(colour, good[_i].colour);
}
END_TEST

/* Command lines with one mistake, and what the line about it must name. */
static const struct {
    const char *words[MOST_WORDS + 1];
    const char *named;
} bad[] = {
    {{"--nonsense"}, "--nonsense"},
    {{"--nonsense=1"}, "--nonsense"},
    {{"--por=1"}, "--por"},
    {{"--Numbers"}, "--Numbers"},
    {{"--Numbers=1"}, "--Numbers"},
    {{"--ports=1"}, "--ports"},
    {{"--=1"}, "--"},
    {{"--"}, "--"},
    {{"-p"}, "-p"},
    {{"word"}, "word"},
    {{""}, "''"},
    {{"--port=1", "word"}, "word"},
    {{"--host"}, "--host"},
    {{"--port"}, "--port"},
    {{"--colour"}, "--colour"},
    {{"--host="}, "--host"},
    {{"--host", ""}, "--host"},
    {{"--port="}, "--port"},
    {{"--port=x"}, "--port"},
    {{"--port=1x"}, "--port"},
    {{"--port= 1"}, "--port"},
    {{"--port=+1"}, "--port"},
    {{"--port=-1"}, "--port"},
    {{"--port=-"}, "--port"},
    {{"--port=0x10"}, "--port"},
    {{"--port=1.5"}, "--port"},
    {{"--port=65536"}, "--port"},
    {{"--port=99999999999999999999"}, "--port"},
    {{"--port", "--host=h"}, "--port"},
    {{"--offset=-11"}, "--offset"},
    {{"--offset=11"}, "--offset"},
    {{"--offset=-99999999999999999999"}, "--offset"},
    {{"--offset=--1"}, "--offset"},
    {{"--colour=blue"}, "--colour"},
    {{"--colour="}, "--colour"},
    {{"--colour=re"}, "--colour"},
    {{"--colour=redd"}, "--colour"},
    {{"--colour=Red"}, "--colour"},
};

START_TEST(a_bad_command_line_is_status_2_and_one_line_that_names_the_option)
{
    struct outcome outcome;

    parse(&outcome, bad[_i].words);
    ck_assert_msg(!outcome.go_on, "'%s ...' was taken", bad[_i].words[0]);
    ck_assert_int_eq(outcome.status, 2);
    ck_assert_str_eq(outcome.out.text, "");
    ck_assert_msg(capture_lines(&outcome.err) == 1, "expected one line, got: %s", outcome.err.text);
    ck_assert_msg(strstr(outcome.err.text, bad[_i].named) != NULL, "expected '%s' in: %s",
                  bad[_i].named, outcome.err.text);
    ck_assert_msg(strncmp(outcome.err.text, "the-program: ", 13) == 0,
                  "expected the program's name first, got: %s", outcome.err.text);
}
END_TEST

START_TEST(a_bad_value_leaves_its_target_as_it_was)
{
    struct outcome outcome;
    const char *const lines[][3] = {{"--port=70000"}, {"--colour=blue"}, {"--host="}};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        parse(&outcome, lines[i]);
    }
    ck_assert_int_eq(port, 80);
    ck_assert_int_eq(colour, 0);
    ck_assert_str_eq(host, "default");
}
END_TEST

START_TEST(help_lists_every_option_and_choice_with_status_0)
{
    const char *const words[][2] = {{"--help"}, {"-h"}};
    const char *const wanted[] = {"the-program",      "A program of the tests.",
                                  "--host=NAME",      "--port=N",
                                  "--offset=N",       "--colour=NAME",
                                  "a string",         "a number",
                                  "red, green (red)", "--help",
                                  "--version"};
    struct outcome outcome;

    parse(&outcome, words[_i]);
    ck_assert(!outcome.go_on);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_str_eq(outcome.err.text, "");
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        ck_assert_msg(strstr(outcome.out.text, wanted[i]) != NULL, "expected '%s' in:\n%s",
                      wanted[i], outcome.out.text);
    }
}
END_TEST

START_TEST(a_heading_stands_on_a_line_of_its_own_before_the_options_behind_it)
{
    const char *const words[] = {"--help", NULL};
    struct outcome outcome;

    parse(&outcome, words);
    const char *heading = strstr(outcome.out.text, "\n\nNumbers:\n  --port=N ");
    ck_assert_msg(heading != NULL, "expected the heading before --port in:\n%s", outcome.out.text);
    ck_assert(heading > strstr(outcome.out.text, "--host=NAME"));
    ck_assert_ptr_null(strstr(outcome.out.text, "--Numbers"));
}
END_TEST

START_TEST(version_is_one_line_with_status_0)
{
    const char *const words[] = {"--version", NULL};
    struct outcome outcome;

    parse(&outcome, words);
    ck_assert(!outcome.go_on);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_str_eq(outcome.out.text, "the-program (Reactor Lab) " REACTOR_LAB_VERSION "\n");
    ck_assert_str_eq(outcome.err.text, "");
}
END_TEST

START_TEST(a_program_s_own_complaint_is_one_line_too)
{
    struct capture err;

    capture_begin(&err, STDERR_FILENO);
    cli_complain(&program, "--root: '%s' is no folder", "/x");
    capture_end(&err);
    ck_assert_str_eq(err.text, "the-program: --root: '/x' is no folder (see --help)\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");

    TCase *values = tcase_create("values");
    tcase_add_loop_test(values, a_good_command_line_sets_the_targets_in_silence, 0,
                        (int)(sizeof good / sizeof *good));
    suite_add_tcase(suite, values);

    TCase *mistakes = tcase_create("mistakes");
    tcase_add_loop_test(mistakes, a_bad_command_line_is_status_2_and_one_line_that_names_the_option,
                        0, (int)(sizeof bad / sizeof *bad));
    tcase_add_test(mistakes, a_bad_value_leaves_its_target_as_it_was);
    tcase_add_test(mistakes, a_program_s_own_complaint_is_one_line_too);
    suite_add_tcase(suite, mistakes);

    TCase *information = tcase_create("information");
    tcase_add_loop_test(information, help_lists_every_option_and_choice_with_status_0, 0, 2);
    tcase_add_test(information, a_heading_stands_on_a_line_of_its_own_before_the_options_behind_it);
    tcase_add_test(information, version_is_one_line_with_status_0);
    suite_add_tcase(suite, information);
    return run_suite(suite);
}
