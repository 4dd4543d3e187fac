#include "explained.h"

#include <string.h>
#include <strings.h>

/* The text behind the first occurrence, whatever the case; NULL if there is none. */
static const char *behind(const char *bytes, const char *end, const char *text)
{
    size_t length = strlen(text);

    for (; (size_t)(end - bytes) >= length; bytes++) {
        if (strncasecmp(bytes, text, length) == 0) {
            return bytes + length;
        }
    }
    return NULL;
}

static bool has_name_that_begins_like_ours(const char *bytes, size_t length)
{
    const char *end = bytes + length;

    while ((bytes = behind(bytes, end, "\r\nTransfer-Encoding")) != NULL) {
        if (bytes < end && *bytes != ':') {
            return true;
        }
    }
    return false;
}

static bool has_tab_behind_value(const char *bytes, size_t length)
{
    return memmem(bytes, length, "\t\r\n", 3) != NULL;
}

static bool has_framing_in_trailer(const char *bytes, size_t length)
{
    const char *end = bytes + length;
    const char *head_end = memmem(bytes, length, "\r\n\r\n", 4);

    return head_end != NULL && (behind(head_end, end, "\r\nContent-Length:") != NULL ||
                                behind(head_end, end, "\r\nTransfer-Encoding:") != NULL);
}

const struct explanation explanations[] = {
    {
        "2.2",
        "takes a line feed alone for a line end",
        "refuses it: a recipient may take it, but who does not sees other lines",
        {"parser/bare-lf-lines", "parser/bare-lf-last-line", "parser/bare-lf-hides-a-field",
         "body/last-line-bare-lf", "body/extension-with-bare-lf"},
        NULL,
    },
    {
        "2.2",
        "skips any number of empty lines before a request",
        "skips one, as much as a recipient should",
        {"parser/two-empty-lines-in-front"},
        NULL,
    },
    {
        "3",
        "skips spaces between method and target",
        "wants one space",
        {"parser/two-spaces"},
        NULL,
    },
    {
        "3 and 2.3",
        "takes a request line without a version for HTTP/0.9 and waits for fields",
        "refuses it",
        {"parser/http-0.9"},
        NULL,
    },
    {
        "3.2",
        "takes nearly any byte in a target",
        "refuses tab, quotes, what is not ASCII, and the fragment, which is never sent",
        {"target/tab", "target/quote", "target/obs-text", "target/fragment"},
        NULL,
    },
    {
        "3.2",
        "takes any scheme, userinfo, an empty host, and an asterisk for any method",
        "refuses them: http and https name a host, and the asterisk is for OPTIONS",
        {"target/absolute-ftp", "target/absolute-userinfo", "target/absolute-no-host",
         "target/asterisk", "target/asterisk-and-more"},
        NULL,
    },
    {
        "3.2",
        "does not look at Host",
        "refuses a request of HTTP/1.1 without it, and one with two or an invalid one",
        {"parser/host-missing", "parser/host-twice", "parser/host-with-userinfo"},
        NULL,
    },
    {
        "5.1 and 5.2",
        "takes a line that begins with white space, and white space before the colon of a trailer",
        "refuses both",
        {"parser/space-before-first-field", "parser/coding-folded", "body/trailer-folded",
         "body/trailer-space-before-colon"},
        NULL,
    },
    {
        "RFC 9110, 5.5",
        "takes NUL in the value of a trailer",
        "refuses it",
        {"body/trailer-with-nul"},
        NULL,
    },
    {
        "6.1",
        "takes chunked twice for chunked once",
        "refuses it: a sender must not apply it twice",
        {"parser/coding-chunked-twice"},
        NULL,
    },
    {
        "6.1",
        "reads chunks in HTTP/1.0, which has none",
        "refuses it: such framing is faulty",
        {"parser/coding-in-1.0"},
        NULL,
    },
    {
        "7.1",
        "skips two bytes behind the content of a chunk, whatever they are",
        "wants CR LF there",
        {"body/two-bytes-for-a-line-end"},
        NULL,
    },
    {
        "7.1.1",
        "skips what stands behind a chunk's size, of any length, also spaces",
        "wants extensions of the right form there, and not many bytes of them",
        {"body/space-behind-size", "body/extension-with-space", "body/extension-without-name",
         "body/extension-too-long"},
        NULL,
    },
    {
        "RFC 9110, 5.1",
        "takes a field whose name begins with Transfer-Encoding for that field, and refuses it",
        "compares whole names",
        {"parser/name-begins-like-transfer-encoding"},
        has_name_that_begins_like_ours,
    },
    {
        "5",
        "refuses a length, or chunked, with a tab behind it",
        "takes it: white space behind a value may be a tab",
        {"parser/length-with-tab-behind", "parser/coding-with-tab-behind"},
        has_tab_behind_value,
    },
    {
        "7.1.2 and RFC 9110, 6.5.1",
        "reads framing fields among the trailers, and refuses what it makes of them",
        "drops trailers, whatever they say: framing is decided before the body",
        {"body/trailer-with-an-invalid-length"},
        has_framing_in_trailer,
    },
};

const size_t explanation_count = sizeof explanations / sizeof explanations[0];

const struct explanation *explanation_of_seed(const char *name)
{
    for (size_t i = 0; i < explanation_count; i++) {
        for (size_t j = 0; explanations[i].seeds[j] != NULL; j++) {
            if (strcmp(explanations[i].seeds[j], name) == 0) {
                return &explanations[i];
            }
        }
    }
    return NULL;
}

const struct explanation *explanation_that_covers(const char *bytes, size_t length)
{
    for (size_t i = 0; i < explanation_count; i++) {
        if (explanations[i].covers != NULL && explanations[i].covers(bytes, length)) {
            return &explanations[i];
        }
    }
    return NULL;
}
