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
    grader_expect(diagnosis_line_is_between_of(starter, from, to), LINE,
                  "expected another line than %d: the mistake is not made there", diagnosis.line);
}

void diagnosis_expect_bug(enum bug bug)
{
    grader_expect(diagnosis.bug == bug, KIND, "expected another kind of bug than number %d",
                  (int)diagnosis.bug);
}

void diagnosis_expect_tool(unsigned tools)
{
    grader_expect(diagnosis.tool != TOOL_UNKNOWN && (tools >> diagnosis.tool & 1) != 0, TOOL,
                  "expected another tool than number %d", (int)diagnosis.tool);
}
