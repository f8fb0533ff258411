/*
 * Signs requests for tests/aws/test_sign.py: a line of standard input for each,
 * fields between tabs: seconds, service, region, token, method, path, query,
 * body, then headers. Answers with the header Authorization.
 */
#include "server/aws/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX   32
#define HEADER_FIELD 8

static size_t split(char *line, char *fields[FIELDS_MAX])
{
    size_t count = 0;

    line[strcspn(line, "\n")] = '\0';
    while (line != NULL && count < FIELDS_MAX)
        fields[count++] = strsep(&line, "\t");
    return count;
}

static int sign_line(char *line)
{
    static char header[CHAT__SIGN_AUTHORIZATION_BYTES];
    static struct chat__sign_key key;
    struct chat__credentials credentials = {
        .access_key_id = "AKIDEXAMPLE",
        .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    };
    char *fields[FIELDS_MAX];
    const char *headers[FIELDS_MAX] = {NULL};
    char date[CHAT__SIGN_DATE_BYTES];
    size_t count = split(line, fields);

    if (count < HEADER_FIELD)
        return EXIT_FAILURE;
    snprintf(credentials.token, sizeof credentials.token, "%s", fields[3]);
    for (size_t i = HEADER_FIELD; i < count; i++)
        headers[i - HEADER_FIELD] = fields[i];
    if (!chat__sign_date(date, strtoll(fields[0], NULL, 10)))
        return EXIT_FAILURE;
    headers[count - HEADER_FIELD] = date;
    if (!chat__sign(
            &key,
            &(struct chat__sign_request){.service = fields[1],
                                         .region = fields[2],
                                         .method = fields[4],
                                         .path = fields[5],
                                         .query = fields[6],
                                         .body = fields[7],
                                         .body_length = strlen(fields[7]),
                                         .headers = headers,
                                         .credentials = &credentials,
                                         .date = date},
            header))
        return EXIT_FAILURE;
    puts(header);
    return EXIT_SUCCESS;
}

int main(void)
{
    char line[65536];

    while (fgets(line, sizeof line, stdin) != NULL)
        if (sign_line(line) != EXIT_SUCCESS)
            return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
