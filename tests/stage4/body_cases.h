/* body_cases: the tables of test_http_body. Their limit is BODY_LIMIT bytes. */
#ifndef BODY_CASES_H
#define BODY_CASES_H

#include "body_feeding.h"

enum { BODY_LIMIT = 32 };

struct body_cases {
    const struct body_case *cases;
    int count;
};

extern const struct body_cases good_bodies;
extern const struct body_cases bad_bodies;

#endif
