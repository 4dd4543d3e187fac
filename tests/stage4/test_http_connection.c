#include "test_http_connection.h"

void open_default_server(void)
{
    const struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    server_open(&config);
}

struct server_fixture_config patient_config(void)
{
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    config.patience =
        (struct http_patience){.header_ms = LONG_MS, .idle_ms = LONG_MS, .stall_ms = LONG_MS};
    return config;
}

int main(void)
{
    Suite *suite = suite_create("http_connection");

    suite_add_tcase(suite, http_connection_requests());
    suite_add_tcase(suite, http_connection_locals());
    suite_add_tcase(suite, http_connection_bodies());
    suite_add_tcase(suite, http_connection_pipelining());
    suite_add_tcase(suite, http_connection_pressure());
    suite_add_tcase(suite, http_connection_streaming());
    suite_add_tcase(suite, http_connection_sources());
    suite_add_tcase(suite, http_connection_sources_short());
    suite_add_tcase(suite, http_connection_offload());
    suite_add_tcase(suite, http_connection_offload_short());
    suite_add_tcase(suite, http_connection_offload_ending());
    suite_add_tcase(suite, http_connection_ending());
    suite_add_tcase(suite, http_connection_numbers());
    suite_add_tcase(suite, http_connection_patience());
    suite_add_tcase(suite, http_connection_reading());
    suite_add_tcase(suite, http_connection_memory());
    return run_suite(suite);
}
