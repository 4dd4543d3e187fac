#include "variants.h"

#include "dispatchers.h"
#include "echo.h"

#include <stdio.h>
#include <stdlib.h>

/* Generous, since sanitizers slow everything down; Meson's 30 s bound the whole program. */
enum { CASES_MAX = 128, CASE_TIMEOUT_S = 25 };

/* Check keeps the pointer and does not copy the name. */
static char case_names[CASES_MAX][96];
static size_t case_count;

/* Also called while the suite is made, when there is no test yet that could fail. */
static struct named_choices all_dispatchers(void)
{
    struct named_choices choices;

    if (dispatchers_list(NULL, &choices) < 0) {
        abort();
    }
    return choices;
}

static struct named_choices all_wakeups(void)
{
    struct named_choices choices;

    if (wakeups_list(NULL, &choices) < 0) {
        abort();
    }
    return choices;
}

struct variant variant_at(int index)
{
    struct named_choices dispatchers = all_dispatchers();
    struct named_choices wakeups = all_wakeups();

    return (struct variant){
        .dispatcher = dispatchers.tables[(size_t)index / wakeups.count],
        .wakeup = wakeups.tables[(size_t)index % wakeups.count],
    };
}

struct reactor_config variant_reactor_config(struct variant variant)
{
    return (struct reactor_config){
        .dispatcher = variant.dispatcher,
        .wakeup = variant.wakeup,
        .limits = CONNECTION_LIMITS_DEFAULT,
        .callbacks = &echo_callbacks,
    };
}

static void add_tests(Suite *suite, const char *name, const TTest *const *tests, int index)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, CASE_TIMEOUT_S);
    for (; *tests != NULL; tests++) {
        tcase_add_loop_test(tcase, *tests, index, index + 1);
    }
    suite_add_tcase(suite, tcase);
}

void add_case_of(Suite *suite, const char *behaviour, const TTest *const *tests)
{
    add_tests(suite, behaviour, tests, 0);
}

static const char *new_name(const char *behaviour, const char *separator, const char *dispatcher,
                            const char *wakeup)
{
    char *name = case_names[case_count++ % CASES_MAX];

    snprintf(name, sizeof case_names[0], "%s (%s%s%s)", behaviour, dispatcher, separator, wakeup);
    return name;
}

void add_case_for_each_variant_of(Suite *suite, const char *behaviour, const TTest *const *tests)
{
    int count = (int)(all_dispatchers().count * all_wakeups().count);

    for (int i = 0; i < count; i++) {
        struct variant variant = variant_at(i);
        add_tests(suite, new_name(behaviour, ", ", variant.dispatcher->name, variant.wakeup->name),
                  tests, i);
    }
}

void add_case_for_each_wakeup_of(Suite *suite, const char *behaviour, const TTest *const *tests)
{
    int count = (int)all_wakeups().count;

    for (int i = 0; i < count; i++) {
        add_tests(suite, new_name(behaviour, "", "", variant_at(i).wakeup->name), tests, i);
    }
}
