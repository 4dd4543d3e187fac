/* The routes of the shipped server, byte for byte. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_BODY = 1024 * 1024, WHOLE_ANSWER = 4096 };

#define HOST "Host: x\r\n"
#define ECHO(fields) "POST /echo HTTP/1.1\r\n" HOST fields "\r\n"

/* What the head of a text that a client has sent looks like, and of an error. */
#define HEAD(status, more) "HTTP/1.1 " status "\r\nServer: reactor-lab\r\n" more
#define NO_SNIFFING "X-Content-Type-Options: nosniff\r\n"
#define OCTETS(length)                                                                             \
    NO_SNIFFING "Content-Type: application/octet-stream\r\nContent-Length: " length "\r\n"
#define TEXT(length) "Content-Type: text/plain\r\nContent-Length: " length "\r\n"
#define ERROR_TEXT(length)                                                                         \
    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: " length "\r\n"

/* Requests and their whole answers; only the line of Date is left out. */
static const struct {
    const char *request;
    const char *answer;
} exchanges[] = {
    {"GET /hello HTTP/1.1\r\n" HOST "\r\n", HEAD("200 OK", TEXT("14")) "\r\nHello, world!\n"},
    {"HEAD /hello HTTP/1.1\r\n" HOST "\r\n", HEAD("200 OK", TEXT("14")) "\r\n"},
    {"GET /hello HTTP/1.0\r\n\r\n",
     HEAD("200 OK", TEXT("14")) "Connection: close\r\n\r\nHello, world!\n"},
    {"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     HEAD("200 OK", TEXT("14")) "Connection: keep-alive\r\n\r\nHello, world!\n"},

    {ECHO("Content-Length: 5\r\n") "hello", HEAD("200 OK", OCTETS("5")) "\r\nhello"},
    {ECHO("Content-Length: 0\r\n"), HEAD("200 OK", OCTETS("0")) "\r\n"},
    {ECHO(""), HEAD("200 OK", OCTETS("0")) "\r\n"},
    {ECHO("Transfer-Encoding: chunked\r\n") "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: 1\r\n\r\n",
     HEAD("200 OK", OCTETS("5")) "\r\nhello"},
    {ECHO("Transfer-Encoding: chunked\r\n") "0\r\n\r\n", HEAD("200 OK", OCTETS("0")) "\r\n"},
    {"POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
     HEAD("200 OK", OCTETS("5")) "Connection: close\r\n\r\nhello"},
    {"GET /echo HTTP/1.1\r\n" HOST "\r\n",
     HEAD("405 Method Not Allowed",
          "Allow: OPTIONS, POST\r\n" ERROR_TEXT("23")) "\r\n405 Method Not Allowed\n"},
    {"HEAD /echo HTTP/1.1\r\n" HOST "\r\n",
     HEAD("405 Method Not Allowed", "Allow: OPTIONS, POST\r\n" ERROR_TEXT("23")) "\r\n"},
    {"OPTIONS /echo HTTP/1.1\r\n" HOST "\r\n",
     HEAD("204 No Content", "Allow: OPTIONS, POST\r\n") "\r\n"},
    {"PUT /hello HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nab",
     HEAD("405 Method Not Allowed",
          "Allow: OPTIONS, GET, HEAD\r\n" ERROR_TEXT("23")) "\r\n405 Method Not Allowed\n"},

    {"GET /headers HTTP/1.1\r\nHost: x\r\nb: 2\r\nA:1\r\nb:  two words \r\nEmpty:\r\n\r\n",
     HEAD("200 OK", NO_SNIFFING TEXT("39")) "\r\nHost: x\nb: 2\nA: 1\nb: two words\nEmpty: \n"},
    {"POST /headers HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
     HEAD("200 OK", NO_SNIFFING TEXT("26")) "\r\nHost: x\nContent-Length: 5\n"},
    {"GET /headers HTTP/1.0\r\n\r\n",
     HEAD("200 OK", NO_SNIFFING TEXT("0")) "Connection: close\r\n\r\n"},
    {"GET /headers HTTP/1.1\r\nHost: x\r\nA: \xc3\xa9<script>\t\"\r\n\r\n",
     HEAD("200 OK", NO_SNIFFING TEXT("24")) "\r\nHost: x\nA: \xc3\xa9<script>\t\"\n"},

    {"GET /cookies HTTP/1.1\r\n" HOST "Cookie: a=1; b=2\r\n\r\n",
     HEAD("200 OK", NO_SNIFFING TEXT("8")) "\r\na=1\nb=2\n"},
    {"GET /cookies HTTP/1.1\r\n" HOST "\r\n", HEAD("200 OK", NO_SNIFFING TEXT("0")) "\r\n"},
    {"GET /cookies HTTP/1.1\r\n" HOST "Cookie:\r\nCookies: c=3\r\n\r\n",
     HEAD("200 OK", NO_SNIFFING TEXT("0")) "\r\n"},
    {"GET /cookies HTTP/1.1\r\n" HOST "Cookie: a=1\r\nAccept: */*\r\ncookie: b=2;c=3\r\n\r\n",
     HEAD("200 OK", NO_SNIFFING TEXT("12")) "\r\na=1\nb=2\nc=3\n"},
    {"GET /cookies HTTP/1.1\r\n" HOST "Cookie: ;;a=1;   b=2 ;nothing; =c;d==;\r\n\r\n",
     HEAD("200 OK", NO_SNIFFING TEXT("16")) "\r\na=1\nb=2 \n=c\nd==\n"},

    {"GET /healthz HTTP/1.1\r\n" HOST "\r\n",
     HEAD("200 OK", "Cache-Control: no-store\r\n" TEXT("3")) "\r\nok\n"},

    {"GET /slow?ms=0 HTTP/1.1\r\n" HOST "\r\n",
     HEAD("200 OK", TEXT("19")) "\r\nThat took a while.\n"},
    {"HEAD /slow?ms=0 HTTP/1.1\r\n" HOST "\r\n", HEAD("200 OK", TEXT("19")) "\r\n"},
    {"GET /slow?ms=1 HTTP/1.0\r\n\r\n",
     HEAD("200 OK", TEXT("19")) "Connection: close\r\n\r\nThat took a while.\n"},
    {"GET /slow?ms=60001 HTTP/1.1\r\n" HOST "\r\n",
     HEAD("400 Bad Request", ERROR_TEXT("16")) "\r\n400 Bad Request\n"},
    {"GET /slow?ms= HTTP/1.1\r\n" HOST "\r\n",
     HEAD("400 Bad Request", ERROR_TEXT("16")) "\r\n400 Bad Request\n"},
    {"GET /slow?ms=-1 HTTP/1.1\r\n" HOST "\r\n",
     HEAD("400 Bad Request", ERROR_TEXT("16")) "\r\n400 Bad Request\n"},
    {"POST /slow HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
     HEAD("405 Method Not Allowed",
          "Allow: OPTIONS, GET, HEAD\r\n" ERROR_TEXT("23")) "\r\n405 Method Not Allowed\n"},

#define STREAM_TYPE "Cache-Control: no-store\r\nContent-Type: text/plain; charset=utf-8\r\n"
#define CHUNKED STREAM_TYPE "Transfer-Encoding: chunked\r\n"
    {"GET /stream?n=0 HTTP/1.1\r\n" HOST "\r\n", HEAD("200 OK", CHUNKED) "\r\n0\r\n\r\n"},
    {"GET /stream?n=1 HTTP/1.1\r\n" HOST "\r\n",
     HEAD("200 OK", CHUNKED) "\r\n7\r\nline 1\n\r\n0\r\n\r\n"},
    {"GET /stream?n=2&ms=1 HTTP/1.1\r\n" HOST "\r\n",
     HEAD("200 OK", CHUNKED) "\r\n7\r\nline 1\n\r\n7\r\nline 2\n\r\n0\r\n\r\n"},
    {"HEAD /stream HTTP/1.1\r\n" HOST "\r\n", HEAD("200 OK", CHUNKED) "\r\n"},
    {"GET /stream?n=2 HTTP/1.0\r\n\r\n",
     HEAD("200 OK", STREAM_TYPE) "Connection: close\r\n\r\nline 1\nline 2\n"},
    {"GET /stream?n=1&ms=1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     HEAD("200 OK", STREAM_TYPE) "Connection: close\r\n\r\nline 1\n"},
    {"GET /stream?n=1000000001 HTTP/1.1\r\n" HOST "\r\n",
     HEAD("400 Bad Request", ERROR_TEXT("16")) "\r\n400 Bad Request\n"},
    {"GET /stream?n=1&ms=x HTTP/1.1\r\n" HOST "\r\n",
     HEAD("400 Bad Request", ERROR_TEXT("16")) "\r\n400 Bad Request\n"},
};

enum { EXCHANGES = sizeof exchanges / sizeof exchanges[0] };

/* The line of Date must be there, right behind the status, and goes. */
static void take_out_date(char *answer)
{
    char *line = strstr(answer, "\r\n");

    ck_assert_msg(line != NULL && strncmp(line, "\r\nDate: ", 8) == 0, "no Date in: %s", answer);
    char *rest = strstr(line + 2, "\r\n");
    ck_assert_ptr_nonnull(rest);
    memmove(line, rest, strlen(rest) + 1);
}

static void expect_exchange(const struct server_process *server, int i)
{
    char got[WHOLE_ANSWER + 128];
    const char *expected = exchanges[i].answer;
    int fd = client_connect(server);
    size_t used = 0;

    client_send_all(fd, exchanges[i].request, strlen(exchanges[i].request));
    /* As many bytes as are expected: what the Date takes is known once its line is there. */
    do {
        client_receive_exactly(fd, got + used++, 1);
        ck_assert_uint_lt(used, sizeof got - 1);
        got[used] = '\0';
    } while (strstr(got, " GMT\r\n") == NULL);
    take_out_date(got);
    size_t length = strlen(expected);
    ck_assert_uint_lt(length, WHOLE_ANSWER);
    used = strlen(got);
    client_receive_exactly(fd, got + used, length - used);
    got[length] = '\0';
    ck_assert_msg(memcmp(got, expected, length) == 0, "to '%s' expected:\n%s\ngot:\n%s",
                  exchanges[i].request, expected, got);
    if (strstr(expected, "Connection: close") != NULL) {
        client_expect_end(fd);
        return;
    }
    /* Nothing behind it: the next thing is the next answer. */
    static const char next[] = "HTTP/1.1 200 OK\r\nDate: ";
    client_send_all(fd, exchanges[0].request, strlen(exchanges[0].request));
    client_receive_exactly(fd, got, sizeof next - 1);
    ck_assert_msg(memcmp(got, next, sizeof next - 1) == 0, "behind the answer to '%s' came '%.*s'",
                  exchanges[i].request, (int)sizeof next - 1, got);
    client_reset(fd);
}

START_TEST(every_route_answers_exactly_this)
{
    struct server_process *server = configuration_start(_i, NULL);

    for (int i = 0; i < EXCHANGES; i++) {
        expect_exchange(server, i);
    }
}
END_TEST

/* Every value a byte can have, up to the largest body there may be. */
START_TEST(echo_sends_back_any_bytes_of_any_length)
{
    static const size_t lengths[] = {1, 255, 256, 65536, LARGEST_BODY - 1, LARGEST_BODY};
    struct server_process *server = configuration_start(_i, NULL);
    char *body = malloc(LARGEST_BODY);
    struct http_client client;
    struct http_answer answer;
    uint64_t random = seed_for((uint64_t)_i);
    char head[128];

    ck_assert_ptr_nonnull(body);
    for (size_t i = 0; i < LARGEST_BODY; i++) {
        body[i] = (char)(i < 256 ? i : random_next(&random));
    }
    http_connect(&client, server);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        snprintf(head, sizeof head, ECHO("Content-Length: %zu\r\n"), lengths[i]);
        http_send(&client, head);
        client_send_all(client.fd, body, lengths[i]);
        http_receive(&client, &answer);
        ck_assert_msg(answer.status == 200 && answer.body_length == lengths[i], "%zu bytes: %s",
                      lengths[i], answer.head);
        ck_assert_msg(memcmp(answer.body, body, lengths[i]) == 0, "%zu bytes: not the same",
                      lengths[i]);
        http_answer_release(&answer);
    }
    http_disconnect(&client);
    free(body);
}
END_TEST

START_TEST(one_byte_more_than_the_largest_body_is_413)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    char head[128];

    http_connect(&client, server);
    snprintf(head, sizeof head, ECHO("Content-Length: %d\r\n"), LARGEST_BODY + 1);
    http_send(&client, head);
    http_expect(&client, 413);
    http_disconnect(&client);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP site");
    int count = configuration_count();

    integration_add(suite, every_route_answers_exactly_this, count);
    integration_add(suite, echo_sends_back_any_bytes_of_any_length, count);
    integration_add(suite, one_byte_more_than_the_largest_body_is_413, count);
    return integration_run(suite);
}
