/*
 * Where the cases go: into a suite of Check. A grader of an exercise has its own function instead.
 */
#include "conformance_fixture.h"

void conformance_add_case(Suite *suite, const char *name, const TTest *const *tests, int count)
{
    TCase *tcase = tcase_create(name);

    for (; *tests != NULL; tests++) {
        tcase_add_loop_test(tcase, *tests, 0, count);
    }
    tcase_set_timeout(tcase, 15);
    suite_add_tcase(suite, tcase);
}
