#include "http_query.h"

#include <string.h>

/* The value of a parameter as it was sent; false if it is not there. */
static bool find_parameter(struct http_span query, const char *name, struct http_span *ret_value)
{
    const char *end = query.data + query.length;
    size_t name_length = strlen(name);

    for (const char *at = query.data; at < end;) {
        const char *ampersand = memchr(at, '&', (size_t)(end - at));
        const char *next = ampersand != NULL ? ampersand + 1 : end;
        const char *stop = ampersand != NULL ? ampersand : end;
        size_t length = (size_t)(stop - at);
        if (length > name_length && at[name_length] == '=' && memcmp(at, name, name_length) == 0) {
            *ret_value = (struct http_span){at + name_length + 1, length - name_length - 1};
            return true;
        }
        at = next;
    }
    return false;
}

bool http_query_number(const struct http_request *request, const char *name, long minimum,
                       long maximum, long missing, long *ret_value)
{
    struct http_span text;
    long number = 0;

    *ret_value = missing;
    if (!find_parameter(http_request_text(request, request->query), name, &text)) {
        return true;
    }
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        number = number * 10 + (text.data[i] - '0');
        if (number > maximum) {
            return false; /* also long before it could overflow */
        }
    }
    *ret_value = number;
    return text.length > 0 && number >= minimum;
}
