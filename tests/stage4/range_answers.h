/* range_answers: whether the bytes of a 206 are those of the pattern (sockets.h) that it claims. */
#ifndef RANGE_ANSWERS_H
#define RANGE_ANSWERS_H

#include "client_fixture.h"
#include "http_ranges.h"

void expect_pattern(const char *bytes, size_t offset, size_t length);

/* The answer is multipart/byteranges (RFC 9110, 14.6; RFC 2046, 5.1.1) of exactly these parts. */
void expect_parts(const struct test_answer *answer, const char *type, size_t size,
                  const struct http_byte_range *parts, size_t count);

#endif
