/* test_event_loop: the cases that are in files of their own. */
#ifndef TEST_EVENT_LOOP_H
#define TEST_EVENT_LOOP_H

#include <check.h>

TCase *deferring_case(void);
TCase *ownership_case(void);

#endif
