#include "diagnosis.h"

#include "grader.h"

#include <stdio.h>
#include <string.h>

/* The answers of the clinic define it; graders of other exercises have none, and do not ask for it.
 * A weak definition here would not do: an optimizing clang takes its zeros for the value. */
extern const struct diagnosis diagnosis __attribute__((weak));

static const char LINE[] = "the line is where the mistake is made, in the file as it was given";
static const char KIND[] = "diagnosis.h says which kinds of bugs there are";
static const char TOOL[] = "the tool shows this bug, to somebody who does not know where it is";

static const char *const bug_names[] = {
    [BUG_UNKNOWN] = "BUG_UNKNOWN",
    [BUG_OFF_BY_ONE] = "BUG_OFF_BY_ONE",
    [BUG_SIGN_LOST] = "BUG_SIGN_LOST",
    [BUG_NOT_YET_TAKEN_FOR_END] = "BUG_NOT_YET_TAKEN_FOR_END",
    [BUG_LEAK] = "BUG_LEAK",
    [BUG_USE_AFTER_FREE] = "BUG_USE_AFTER_FREE",
    [BUG_STALE_ENTRY] = "BUG_STALE_ENTRY",
    [BUG_SIDE_EFFECT_IN_ASSERT] = "BUG_SIDE_EFFECT_IN_ASSERT",
    [BUG_DATA_RACE] = "BUG_DATA_RACE",
    [BUG_DEADLOCK] = "BUG_DEADLOCK",
    [BUG_SPIN] = "BUG_SPIN",
    [BUG_ENDS_TOO_EARLY] = "BUG_ENDS_TOO_EARLY",
};

static const char *const tool_names[] = {
    [TOOL_UNKNOWN] = "TOOL_UNKNOWN",
    [TOOL_ADDRESS_SANITIZER] = "TOOL_ADDRESS_SANITIZER",
    [TOOL_UNDEFINED_SANITIZER] = "TOOL_UNDEFINED_SANITIZER",
    [TOOL_THREAD_SANITIZER] = "TOOL_THREAD_SANITIZER",
    [TOOL_COMPILER_WARNING] = "TOOL_COMPILER_WARNING",
    [TOOL_STRACE] = "TOOL_STRACE",
    [TOOL_GDB] = "TOOL_GDB",
    [TOOL_TOP] = "TOOL_TOP",
    [TOOL_PROC_FD] = "TOOL_PROC_FD",
    [TOOL_RELEASE_BUILD] = "TOOL_RELEASE_BUILD",
    [TOOL_NETWORK] = "TOOL_NETWORK",
};

static const char *name_in(const char *const *names, size_t count, unsigned value)
{
    return value < count ? names[value] : "a number that has no name";
}

/*
 * The number of the one line that has the text in it, as the learner counts: ./lab start leaves the
 * line out that says where the starter fails.
 */
static int line_with(const char *path, const char *text)
{
    char line[512];
    int found = 0;
    int number = 0;
    FILE *file = fopen(path, "re");

    ck_assert_msg(file != NULL, "%s cannot be read", path);
    while (fgets(line, sizeof line, file) != NULL) {
        if (number == 0 && strncmp(line, "/* fails-at:", strlen("/* fails-at:")) == 0) {
            continue;
        }
        number++;
        if (strstr(line, text) != NULL) {
            ck_assert_msg(found == 0, "%s has two lines with '%s'", path, text);
            found = number;
        }
    }
    fclose(file);
    ck_assert_msg(found != 0, "%s has no line with '%s'", path, text);
    return found;
}

bool diagnosis_line_is_between_of(const char *starter, const char *from, const char *to)
{
    return diagnosis.line >= line_with(starter, from) && diagnosis.line <= line_with(starter, to);
}

void diagnosis_expect_line_of(const char *starter, const char *from, const char *to)
{
    grader_expect(diagnosis.line != 0, LINE,
                  "expected a line, got 0: fill in the diagnosis at the end of the file");
    grader_expect(diagnosis_line_is_between_of(starter, from, to), LINE,
                  "expected another line than %d: the mistake is not made there", diagnosis.line);
}

void diagnosis_expect_bug(enum bug bug)
{
    grader_expect(diagnosis.bug == bug, KIND, "expected another kind of bug than %s",
                  name_in(bug_names, sizeof bug_names / sizeof bug_names[0], diagnosis.bug));
}

void diagnosis_expect_tool(unsigned tools)
{
    grader_expect(diagnosis.tool != TOOL_UNKNOWN && diagnosis.tool < sizeof tools * 8 &&
                      (tools >> diagnosis.tool & 1) != 0,
                  TOOL, "expected another tool than %s",
                  name_in(tool_names, sizeof tool_names / sizeof tool_names[0], diagnosis.tool));
}
