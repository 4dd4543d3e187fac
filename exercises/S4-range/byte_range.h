/* byte_range: what a server answers to a Range field, if it sends one part at most. */
#ifndef BYTE_RANGE_H
#define BYTE_RANGE_H

#include <stddef.h>
#include <stdint.h>

enum { RANGES_MOST = 8 };

struct range_answer {
    int status;     /* 200: all of it; 206: the bytes from first to last; 416: none of them */
    uint64_t first; /* of 206, both included; the first byte of all is byte 0 */
    uint64_t last;
    char content_range[80]; /* the value of this field, ended by NUL; of 200: "" */
};

/* `value`: of the Range field, no NUL behind it. `size`: how many bytes there are in all. */
void range_decide(const char *value, size_t length, uint64_t size, struct range_answer *ret);

#endif
