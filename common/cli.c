#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_BAD_COMMAND_LINE = 2, HELP_COLUMN = 28, LINE_BYTES = 256 };

void cli_complain(const struct cli_program *program, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", program->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (see --help)\n");
}

static void print_option(const char *name, const char *argument, const char *help)
{
    char left[64];

    snprintf(left, sizeof left, "  --%s%s%s", name, argument != NULL ? "=" : "",
             argument != NULL ? argument : "");
    printf("%-*s %s\n", HELP_COLUMN, left, help);
}

/* "epoll, poll, select" */
static void join_choices(const struct cli_option *option, char *text, size_t capacity)
{
    size_t used = 0;

    text[0] = '\0';
    for (const char *const *choice = option->choices; *choice != NULL && used < capacity;
         choice++) {
        int more = snprintf(text + used, capacity - used, "%s%s", used > 0 ? ", " : "", *choice);
        used += (size_t)more;
    }
}

static void print_choice_option(const struct cli_option *option)
{
    char choices[LINE_BYTES];
    char help[2 * LINE_BYTES];

    join_choices(option, choices, sizeof choices);
    snprintf(help, sizeof help, "%s: %s (%s)", option->help, choices,
             option->choices[*(const int *)option->target]);
    print_option(option->name, option->argument, help);
}

static void print_help(const struct cli_program *program)
{
    printf("Usage: %s [options]\n%s\n\n", program->name, program->summary);
    for (const struct cli_option *option = program->options; option->name != NULL; option++) {
        if (option->kind == CLI_HEADING) {
            printf("\n%s:\n", option->name);
        } else if (option->kind == CLI_CHOICE) {
            print_choice_option(option);
        } else {
            print_option(option->name, option->argument, option->help);
        }
    }
    print_option("help", NULL, "show this and exit");
    print_option("version", NULL, "show the version and exit");
}

static const struct cli_option *find_option(const struct cli_program *program, const char *name,
                                            size_t length)
{
    for (const struct cli_option *option = program->options; option->name != NULL; option++) {
        if (option->kind != CLI_HEADING && strlen(option->name) == length &&
            memcmp(option->name, name, length) == 0) {
            return option;
        }
    }
    return NULL;
}

static bool set_number(const struct cli_program *program, const struct cli_option *option,
                       const char *value)
{
    char *end;

    errno = 0;
    long number = strtol(value, &end, 10);
    /*
     * strtol skips white space and takes a sign; here a number is digits, '-' only where allowed.
     */
    bool digits = *value >= '0' && *value <= '9';
    if ((!digits && *value != '-') || end == value || *end != '\0' || errno != 0 ||
        number < option->minimum || number > option->maximum) {
        cli_complain(program, "--%s: '%s' is not a number from %ld to %ld", option->name, value,
                     option->minimum, option->maximum);
        return false;
    }
    *(long *)option->target = number;
    return true;
}

static bool set_choice(const struct cli_program *program, const struct cli_option *option,
                       const char *value)
{
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            *(int *)option->target = i;
            return true;
        }
    }
    char choices[LINE_BYTES];
    join_choices(option, choices, sizeof choices);
    cli_complain(program, "--%s: '%s' is none of %s", option->name, value, choices);
    return false;
}

static bool set_value(const struct cli_program *program, const struct cli_option *option,
                      const char *value)
{
    switch (option->kind) {
    case CLI_NUMBER:
        return set_number(program, option, value);
    case CLI_CHOICE:
        return set_choice(program, option, value);
    case CLI_STRING:
        if (*value == '\0') {
            cli_complain(program, "--%s: the value is empty", option->name);
            return false;
        }
        *(const char **)option->target = value;
        return true;
    case CLI_HEADING:
        break;
    }
    return false;
}

bool cli_parse(const struct cli_program *program, int argc, char **argv, int *ret_status)
{
    *ret_status = STATUS_BAD_COMMAND_LINE;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_help(program);
            *ret_status = 0;
            return false;
        }
        if (strcmp(word, "--version") == 0) {
            printf("%s (Reactor Lab) %s\n", program->name, REACTOR_LAB_VERSION);
            *ret_status = 0;
            return false;
        }
        if (strncmp(word, "--", 2) != 0 || word[2] == '\0') {
            cli_complain(program, "unexpected argument '%s'", word);
            return false;
        }
        const char *name = word + 2;
        size_t length = strcspn(name, "=");
        const struct cli_option *option = find_option(program, name, length);
        if (option == NULL) {
            cli_complain(program, "unknown option '--%.*s'", (int)length, name);
            return false;
        }
        const char *value = name[length] == '=' ? name + length + 1 : NULL;
        if (value == NULL && ++i < argc) {
            value = argv[i];
        }
        if (value == NULL) {
            cli_complain(program, "--%s needs a value", option->name);
            return false;
        }
        if (!set_value(program, option, value)) {
            return false;
        }
    }
    return true;
}
