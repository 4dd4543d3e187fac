/*
 * check_feeding: gives a line to the answer in pieces, and says what has to come of it.
 */
#ifndef CHECK_FEEDING_H
#define CHECK_FEEDING_H

#include "guarded.h"
#include "request_line.h"

/* Rules that more than one file has to name. */
extern const char LINE_THREE[];
extern const char LINE_SPLIT[];

struct line_case {
    const char *bytes;
    enum line_progress progress;
    size_t used;
    size_t method_length;
    size_t target_length;
    unsigned minor_version;
};

/* The same bytes, in three pieces: [0, first), [first, second), and the rest. */
struct cuts {
    size_t first;
    size_t second;
};

struct outcome {
    enum line_progress progress;
    size_t used; /* of all pieces together */
};

/* For messages. What `escaped` returns is good until the call after the next. */
const char *name_of(enum line_progress progress);

/* A line that is all zero; there is only one. */
struct request_line *fresh_line(void);

/* One piece, between unreadable pages. Fails the check if used and result do not go together. */
struct outcome feed(struct request_line *line, const char *piece, size_t length,
                    enum guarded_side side);

/* The three pieces, until the result is not partial any more. */
struct outcome feed_cut(struct request_line *line, const char *bytes, size_t length,
                        struct cuts cuts, enum guarded_side side);

/* `rule` says why it has to be like that. A line is looked at only if it is to be complete. */
void expect_outcome(const struct line_case *expected, struct outcome outcome, const char *rule);
void expect_line(const struct line_case *expected, const struct request_line *line,
                 const char *rule);

#endif
