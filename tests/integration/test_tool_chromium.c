/* The server as a browser sees it. */
#include "configurations.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHROMIUM };

static const char *const tools[] = {"chromium", NULL};

/* The page as it is when its scripts have nothing more to do: a browser's own clock, which stands
 * still while something is on its way, goes on for ten seconds. */
static char *dump_page(const struct server_process *server)
{
    char url[64];
    char profile[64];

    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server->port);
    snprintf(profile, sizeof profile, "--user-data-dir=profile-%u", server->port);
    return tool_run(CHROMIUM,
                    WORDS("--headless=new", "--no-sandbox", "--disable-gpu",
                          "--disable-dev-shm-usage", "--no-proxy-server", "--no-first-run", profile,
                          "--virtual-time-budget=10000", "--dump-dom", url));
}

static void expect_in_page(const char *page, const char *text)
{
    ck_assert_msg(strstr(page, text) != NULL, "no '%s' in: %.2000s", text, page);
}

START_TEST(chromium_shows_the_welcome_page)
{
    char *page = dump_page(configuration_start(1, NULL));

    expect_in_page(page, "<title>Reactor Lab</title>");
    expect_in_page(page, "sub-reactor-1"); /* Only /status tells the script. */
    free(page);
}
END_TEST

START_TEST(chromium_loads_a_page_and_all_that_belongs_to_it)
{
    static const char *const results[] = {
        "<title>Done</title>",
        "<li>heading: rgb(0, 90, 140)</li>",
        "<li>picture: 120 wide</li>",
        "<li>hello: 200 Hello, world!\n</li>",
        "<li>stream: 1000 lines, the last is line 1000</li>",
        "<li>echo: 200 to and fro</li>",
        "<li>at once: 50</li>",
    };
    char root[4200];

    snprintf(root, sizeof root, "--root=%s", tool_script("site"));
    char *page = dump_page(configuration_start(1, WORDS(root)));
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        expect_in_page(page, results[i]);
    }
    free(page);
}
END_TEST

START_TEST(chromium_shows_what_is_in_a_directory)
{
    char root[4200];

    snprintf(root, sizeof root, "--root=%s", tool_script(""));
    char *page = dump_page(configuration_start(1, WORDS(root, "--listing=on")));
    expect_in_page(page, ">nginx.conf</a>");
    expect_in_page(page, ">site/</a>");
    free(page);
}
END_TEST

int main(int argc, char **argv)
{
    tools_init(argc, argv, tools);

    Suite *suite = integration_suite("Chromium");

    integration_add(suite, chromium_shows_the_welcome_page, 1);
    integration_add(suite, chromium_loads_a_page_and_all_that_belongs_to_it, 1);
    integration_add(suite, chromium_shows_what_is_in_a_directory, 1);
    return tools_run(suite);
}
