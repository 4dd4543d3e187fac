#include "http_date.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 96 }; /* more than any form needs, whatever the numbers in a struct tm are */

/* Not strftime: its names follow the locale, these do not. */
static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void write_fixed(const struct tm *utc, char *ret_text)
{
    snprintf(ret_text, HTTP_DATE_TEXT, "%.3s, %02d %s %04d %02d:%02d:%02d GMT", days[utc->tm_wday],
             utc->tm_mday % 100, months[utc->tm_mon], (utc->tm_year + 1900) % 10000,
             utc->tm_hour % 100, utc->tm_min % 100, utc->tm_sec % 100);
}

static void write_rfc850(const struct tm *utc, char *ret_text)
{
    snprintf(ret_text, LONGEST, "%s, %02d-%s-%02d %02d:%02d:%02d GMT", days[utc->tm_wday],
             utc->tm_mday, months[utc->tm_mon], utc->tm_year % 100, utc->tm_hour, utc->tm_min,
             utc->tm_sec);
}

static void write_asctime(const struct tm *utc, char *ret_text)
{
    snprintf(ret_text, LONGEST, "%.3s %s %2d %02d:%02d:%02d %04d", days[utc->tm_wday],
             months[utc->tm_mon], utc->tm_mday, utc->tm_hour, utc->tm_min, utc->tm_sec,
             utc->tm_year + 1900);
}

static const struct {
    const char *pattern;
    bool short_year;
    void (*write)(const struct tm *utc, char *ret_text);
} forms[] = {
    {"%a, %d %b %Y %H:%M:%S GMT", false, write_fixed},
    {"%a, %d-%b-%y %H:%M:%S GMT", true, write_rfc850},
    {"%a %b %d %H:%M:%S %Y", false, write_asctime},
};

void http_date_format(time_t time, char ret_text[static HTTP_DATE_TEXT])
{
    struct tm utc;

    /* The form has four digits for the year, and files may carry any time at all. */
    const time_t first = -62167219200; /* Sat, 01 Jan 0000 00:00:00 GMT */
    const time_t last = 253402300799;  /* Fri, 31 Dec 9999 23:59:59 GMT */
    time_t shown = time < first ? first : time > last ? last : time;
    gmtime_r(&shown, &utc);
    write_fixed(&utc, ret_text);
}

/* What seems to be more than 50 years ahead is of the past (RFC 9110, 5.6.7). As tm_year. */
static int full_year(int two_digits, time_t now)
{
    struct tm today;

    gmtime_r(&now, &today);
    int year = today.tm_year - today.tm_year % 100 + two_digits;
    return year > today.tm_year + 50 ? year - 100 : year;
}

/*
 * strptime(3) forgives much: other white space and case, missing zeros, the 31st of February, a
 * wrong day of the week. So what it understood is written again, and must be the same text.
 */
bool http_date_parse(struct http_span text, time_t now, time_t *ret_time)
{
    char copy[LONGEST];
    char again[LONGEST];

    if (text.length >= sizeof copy) {
        return false;
    }
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm utc = {0};
        if (strptime(copy, forms[i].pattern, &utc) == NULL) {
            continue;
        }
        if (forms[i].short_year) {
            utc.tm_year = full_year(utc.tm_year % 100, now);
        }
        time_t time = timegm(&utc);
        forms[i].write(&utc, again);
        if (strlen(again) == text.length && memcmp(again, text.data, text.length) == 0) {
            *ret_time = time;
            return true;
        }
    }
    return false;
}
