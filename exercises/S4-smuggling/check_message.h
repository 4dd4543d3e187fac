/*
 * check_message: gives the answer a head that a table describes, and says what has to come of it.
 *
 * A head is written as its lines with a '|' between them. The lines lie one behind the other in
 * memory, without anything between them, and each comes to stand at the end once, where nothing
 * can be read behind it.
 */
#ifndef CHECK_MESSAGE_H
#define CHECK_MESSAGE_H

#include "framing.h"

struct framing_case {
    const char *head; /* lines with '|' between them */
    enum framing_kind kind;
    uint64_t length;
    const char *rule;
};

/* For a head that a table cannot hold. */
void expect_kind(const struct framing_case *one, struct framing framing);

/* A request has status 0. */
void expect_message(const struct framing_case *one, int status, bool answers_head, int minor);

#endif
