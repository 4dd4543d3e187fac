#include "test_tcp_connection.h"

#include "suite_runner.h"

int main(void)
{
    Suite *suite = suite_create("tcp_connection");

    suite_add_tcase(suite, reading_case());
    suite_add_tcase(suite, left_over_case());
    suite_add_tcase(suite, writing_case());
    suite_add_tcase(suite, pressure_case());
    suite_add_tcase(suite, counting_case());
    suite_add_tcase(suite, draining_case());
    suite_add_tcase(suite, ending_case());
    return run_suite(suite);
}
