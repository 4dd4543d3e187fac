/*
 * check_judging: gives the answer what a client has sent, between unreadable pages, and says what
 * has to come of it.
 */
#ifndef CHECK_JUDGING_H
#define CHECK_JUDGING_H

#include "verdict.h"

/* Judges the bytes at two places of memory; fails the check if that makes a difference. */
struct verdict judge(const char *bytes, size_t length);

void expect_verdict(struct verdict verdict, struct verdict expected, const char *rule);

/* Refused, and everything is used. */
void expect_close(const char *bytes, size_t length, int status, const char *rule);

/* A whole head, used as far as it goes; and the same with more behind it, whatever that is. */
void expect_in_step(const char *head, int status, const char *rule);

#endif
