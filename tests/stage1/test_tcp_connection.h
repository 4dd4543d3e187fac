/* test_tcp_connection: its cases, in one file for each half of a connection's life. */
#ifndef TEST_TCP_CONNECTION_H
#define TEST_TCP_CONNECTION_H

#include <check.h>

TCase *reading_case(void);
TCase *left_over_case(void);
TCase *writing_case(void);
TCase *pressure_case(void);
TCase *counting_case(void);
TCase *draining_case(void);
TCase *ending_case(void);

#endif
