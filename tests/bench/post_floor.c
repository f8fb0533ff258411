/*
 * The floor of POSTs: bare libcurl, which sends the same body again and again
 * over connections that it keeps, and signs, packs and queues nothing.
 *
 * usage: post_floor --url URL [--authorities PEM] [--bytes N] [--parallel N]
 *                   [--seconds N]
 *
 * Prints "POSTS SECONDS CPU-SECONDS". One thread.
 */
#include "tests/bench/process.h"

#include <curl/curl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NANOSECONDS 1e9
#define WAIT_MS     1000

struct settings {
    const char *url;
    const char *authorities; /* NULL: the system's */
    size_t bytes;
    size_t parallel;
    double seconds;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "post_floor: %s\n", what);
    exit(1);
}

static CURL *make_request(const struct settings *settings, const char *body)
{
    CURL *easy = curl_easy_init();

    if (easy == NULL)
        die("no memory");
    curl_easy_setopt(easy, CURLOPT_URL, settings->url);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)settings->bytes);
    if (settings->authorities != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, settings->authorities);
    return easy;
}

/* How many were answered; each goes again while there is time. */
static unsigned long take_answers(CURLM *multi, bool again)
{
    unsigned long count = 0;
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        CURL *easy = message->easy_handle;

        if (message->data.result != CURLE_OK)
            die(curl_easy_strerror(message->data.result));
        curl_multi_remove_handle(multi, easy);
        if (again)
            curl_multi_add_handle(multi, easy);
        else
            curl_easy_cleanup(easy);
        count++;
    }
    return count;
}

static void run(const struct settings *settings, char *body)
{
    CURLM *multi = curl_multi_init();
    unsigned long posts = 0;
    uint64_t begin = process_now(), cpu = process_cpu(0);
    double took = 0;
    int running = 1;

    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)settings->parallel);
    for (size_t at = 0; at < settings->parallel; at++)
        curl_multi_add_handle(multi, make_request(settings, body));
    while (running > 0) {
        curl_multi_perform(multi, &running);
        took = (double)(process_now() - begin) / NANOSECONDS;
        posts += take_answers(multi, took < settings->seconds);
        if (took < settings->seconds)
            running = 1;
        curl_multi_poll(multi, NULL, 0, running > 0 ? WAIT_MS : 0, NULL);
    }
    printf("%lu %.3f %.3f\n", posts, took,
           (double)(process_cpu(0) - cpu) / NANOSECONDS);
    curl_multi_cleanup(multi);
}

static void read_options(struct settings *settings, int count, char **arguments)
{
    static const struct option known[] = {
        {"url", required_argument, NULL, 'u'},
        {"authorities", required_argument, NULL, 'a'},
        {"bytes", required_argument, NULL, 'b'},
        {"parallel", required_argument, NULL, 'p'},
        {"seconds", required_argument, NULL, 's'},
        {0},
    };
    int option;

    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        if (option == 'u')
            settings->url = optarg;
        else if (option == 'a')
            settings->authorities = optarg;
        else if (option == 'b')
            settings->bytes = strtoul(optarg, NULL, 10);
        else if (option == 'p')
            settings->parallel = strtoul(optarg, NULL, 10);
        else if (option == 's')
            settings->seconds = strtod(optarg, NULL);
        else
            exit(2);
    }
}

int main(int count, char **arguments)
{
    struct settings settings = {.bytes = 300, .parallel = 100, .seconds = 3};
    char *body;

    read_options(&settings, count, arguments);
    body = malloc(settings.bytes);
    if (settings.url == NULL || body == NULL)
        die("--url is missing");
    memset(body, 'x', settings.bytes);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    run(&settings, body);
    free(body);
    return 0;
}
