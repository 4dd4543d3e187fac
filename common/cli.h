/*
 * cli: command lines from a table of options.
 *
 * A server lists its options in an array of struct cli_option, ended by CLI_END; --help and
 * --version come by themselves. `--name=value` and `--name value` both work. Whatever is wrong with
 * the command line is told in one line that names the option.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>

enum cli_kind { CLI_STRING, CLI_NUMBER, CLI_CHOICE, CLI_HEADING };

struct cli_option {
    const char *name;     /* without the dashes, or a heading for --help; NULL ends the table */
    const char *argument; /* what --help calls the value: "N", "DIR" */
    const char *help;     /* one line, with the default unless it is a choice */
    enum cli_kind kind;
    void *target; /* CLI_STRING: const char **; CLI_NUMBER: long *; CLI_CHOICE: int * */
    long minimum; /* CLI_NUMBER: both ends included */
    long maximum;
    const char *const *choices; /* CLI_CHOICE: names ended by NULL; the target gets the index */
};

/* clang-format off */
#define CLI_END {.name = NULL}
#define CLI_HEADED(text) {.name = text, .kind = CLI_HEADING}
/* clang-format on */

struct cli_program {
    const char *name;
    const char *summary; /* one line for --help */
    const struct cli_option *options;
};

/*
 * Reads the command line into the targets. Returns true if the program should go on; else
 * *ret_status is what to exit with: 0 after --help and --version, 2 after a bad command line.
 */
bool cli_parse(const struct cli_program *program, int argc, char **argv, int *ret_status);

/* Says in one line what was wrong with an option, for checks that only the program can make. */
void cli_complain(const struct cli_program *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
