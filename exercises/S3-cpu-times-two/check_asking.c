#include "check_asking.h"

#include "check_groups.h"
#include "check_machine.h"
#include "grader.h"

void expect_threads(const char *group, int expected, const char *rule)
{
    int count = default_thread_count(groups_mount(), group);

    grader_expect(count == expected, rule,
                  "default_thread_count: expected %d, got %d; the group is %s", expected, count,
                  group);
}

void end_pretending(void)
{
    machine_restore();
    groups_end();
}
