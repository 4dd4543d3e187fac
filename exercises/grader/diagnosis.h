/*
 * diagnosis: what a learner says of a broken program of the bug clinic before it is repaired.
 *
 * The answer ends with it, so that filling it in moves no line of the program:
 *
 *     const struct diagnosis diagnosis = {
 *         .line = 42,
 *         .bug = BUG_OFF_BY_ONE,
 *         .tool = TOOL_ADDRESS_SANITIZER,
 *     };
 */
#ifndef DIAGNOSIS_H
#define DIAGNOSIS_H

#include <stdbool.h>

enum bug {
    BUG_UNKNOWN,
    BUG_OFF_BY_ONE,            /* one past the end of memory */
    BUG_SIGN_LOST,             /* an error, -1, kept in an unsigned type */
    BUG_NOT_YET_TAKEN_FOR_END, /* 'nothing now' treated as 'nothing any more' */
    BUG_LEAK,                  /* memory or a descriptor that nobody gives back */
    BUG_USE_AFTER_FREE,        /* what was given back is used once more */
    BUG_STALE_ENTRY,           /* a table still holds what is gone */
    BUG_SIDE_EFFECT_IN_ASSERT, /* work that vanishes with NDEBUG */
    BUG_DATA_RACE,             /* two threads, one writes, nothing orders them */
    BUG_DEADLOCK,              /* threads wait for each other, or for themselves */
    BUG_SPIN,                  /* the same again and again, without progress */
    BUG_ENDS_TOO_EARLY,        /* a close or shutdown before everything is out */
};

enum tool {
    TOOL_UNKNOWN,
    TOOL_ADDRESS_SANITIZER, /* -fsanitize=address, its leak detector included */
    TOOL_UNDEFINED_SANITIZER,
    TOOL_THREAD_SANITIZER,
    TOOL_COMPILER_WARNING, /* -Wall -Wextra, or one that has to be asked for */
    TOOL_STRACE,
    TOOL_GDB,
    TOOL_TOP,           /* who uses the CPU */
    TOOL_PROC_FD,       /* ls /proc/PID/fd, lsof */
    TOOL_RELEASE_BUILD, /* the same program with -DNDEBUG -O2 */
    TOOL_NETWORK,       /* a second client, ss, tcpdump: what arrives at the other end */
};

struct diagnosis {
    int line; /* of the program as it was given, where the mistake is made */
    enum bug bug;
    enum tool tool; /* one that shows it */
};

extern const struct diagnosis diagnosis;

/*
 * For the grader. The line is that of starter.c which has `anchor` in it, and only one may have;
 * the programs can change without a number to keep in step. `from` and `to` are anchors too: any
 * line between them is as good. `bug` and `tools` are what is right; tools is a set: 1U << TOOL_….
 */
#define diagnosis_expect_line(from, to)                                                            \
    diagnosis_expect_line_of(EXERCISE_FOLDER "/starter.c", from, to)
void diagnosis_expect_line_of(const char *starter, const char *from, const char *to);

/* The same as a question, where a second place is as good as the one that is expected. */
#define diagnosis_line_is_between(from, to)                                                        \
    diagnosis_line_is_between_of(EXERCISE_FOLDER "/starter.c", from, to)
bool diagnosis_line_is_between_of(const char *starter, const char *from, const char *to);

void diagnosis_expect_bug(enum bug bug);
void diagnosis_expect_tool(unsigned tools);

#endif
