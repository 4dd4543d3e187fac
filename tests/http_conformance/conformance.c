#include "conformance_rows.h"

const struct conformance_group *const conformance_groups[] = {
    &conformance_9112_2_message,
    &conformance_9112_2_version,
    &conformance_9112_3_request_line,
    &conformance_9112_3_2_target,
    &conformance_9112_3_2_host,
    &conformance_9112_5_fields,
    &conformance_9112_6_content_length,
    &conformance_9112_6_transfer_encoding,
    &conformance_9112_6_answers,
    &conformance_9112_7_chunked,
    &conformance_9112_9_connection,
    &conformance_9110_methods,
    &conformance_9110_expect,
    &conformance_limits,
    &conformance_small_limits,
    &conformance_three_requests,
    &conformance_strangers,
};

const size_t conformance_group_count = sizeof conformance_groups / sizeof conformance_groups[0];

const struct conformance_row *conformance_row(size_t i, const struct conformance_group **ret_group)
{
    for (size_t g = 0; g < conformance_group_count; g++) {
        if (i < conformance_groups[g]->count) {
            *ret_group = conformance_groups[g];
            return &conformance_groups[g]->rows[i];
        }
        i -= conformance_groups[g]->count;
    }
    return NULL;
}
