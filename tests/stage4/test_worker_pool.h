/* test_worker_pool: its cases, one file a half. */
#ifndef TEST_WORKER_POOL_H
#define TEST_WORKER_POOL_H

#include <check.h>

TCase *worker_pool_starting(void);
TCase *worker_pool_cancelling(void);
TCase *worker_pool_ending(void);

#endif
