#include "http_list.h"

/* Up to the next comma that is not quoted. */
static size_t item_length(struct http_span text)
{
    bool quoted = false;
    size_t length = 0;

    while (length < text.length && (quoted || text.data[length] != ',')) {
        quoted = quoted != (text.data[length] == '"');
        length++;
    }
    return length;
}

bool http_list_item(struct http_span *rest, struct http_span *ret_item)
{
    while (rest->length > 0) {
        size_t length = item_length(*rest);
        size_t used = length < rest->length ? length + 1 : length;
        struct http_span item = http_span_trim((struct http_span){rest->data, length});
        rest->data += used;
        rest->length -= used;
        if (item.length > 0) {
            *ret_item = item;
            return true;
        }
    }
    return false;
}

void http_list_init(struct http_list *list, const struct http_request *request, const char *name)
{
    *list = (struct http_list){.request = request, .name = name};
}

bool http_list_next(struct http_list *list, struct http_span *ret_item)
{
    const struct http_request *request = list->request;

    while (!http_list_item(&list->rest, ret_item)) {
        size_t i = http_request_find_field(request, list->name, list->next_field);
        if (i == request->field_count) {
            return false;
        }
        list->next_field = i + 1;
        list->rest = http_request_text(request, request->fields[i].value);
    }
    return true;
}
