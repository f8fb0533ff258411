#include "server/aws/endpoint.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define LOOPBACK_NET 127 /* 127.0.0.0/8 */

/* A part of the URL, to be freed with curl_free; NULL: there is none. */
static char *part_of(const char *url, CURLUPart part)
{
    CURLU *parsed = curl_url();
    char *value = NULL;

    if (parsed == NULL)
        return NULL;
    if (curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parsed, part, &value, 0) != CURLUE_OK)
        value = NULL;
    curl_url_cleanup(parsed);
    return value;
}

static bool has_part(const char *url, CURLUPart part)
{
    char *value = part_of(url, part);
    bool has = value != NULL;

    curl_free(value);
    return has;
}

static bool is_scheme(const char *url, const char *wanted)
{
    char *scheme = part_of(url, CURLUPART_SCHEME);
    bool is = scheme != NULL && strcmp(scheme, wanted) == 0;

    curl_free(scheme);
    return is;
}

bool chat__endpoint_is_url(const char *url)
{
    return (is_scheme(url, "http") || is_scheme(url, "https")) &&
           has_part(url, CURLUPART_HOST) && !has_part(url, CURLUPART_USER) &&
           !has_part(url, CURLUPART_PASSWORD);
}

/* ECS has one address, EKS one of each kind. */
static bool is_container(const char *host)
{
    static const char *const addresses[] = {"169.254.170.2", "169.254.170.23",
                                            "[fd00:ec2::23]"};

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (strcmp(host, addresses[i]) == 0)
            return true;
    return false;
}

static bool is_loopback(const char *host)
{
    struct in_addr address;

    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, &address) == 1 &&
           ntohl(address.s_addr) >> 24 == LOOPBACK_NET;
}

bool chat__endpoint_may_have_secrets(const char *url)
{
    char *host;
    bool may;

    if (!chat__endpoint_is_url(url))
        return false;
    if (is_scheme(url, "https"))
        return true;
    host = part_of(url, CURLUPART_HOST);
    may = host != NULL && (is_container(host) || is_loopback(host));
    curl_free(host);
    return may;
}

/* Lower case letters, digits and '-': it stands in signatures. */
static bool copy_region(char region[CHAT__AWS_REGION_BYTES], const char *text,
                        size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

    if (length == 0 || length >= CHAT__AWS_REGION_BYTES ||
        strspn(text, letters) < length)
        return false;
    memcpy(region, text, length);
    region[length] = '\0';
    return true;
}

static bool region_of_host(const char *host, const char *service,
                           char region[CHAT__AWS_REGION_BYTES])
{
    size_t length = strlen(service);
    const char *end;

    if (strncmp(host, service, length) != 0 || host[length] != '.')
        return false;
    host += length + 1;
    end = strchr(host, '.');
    if (end == NULL || (strcmp(end, ".amazonaws.com") != 0 &&
                        strcmp(end, ".amazonaws.com.cn") != 0))
        return false;
    return copy_region(region, host, (size_t)(end - host));
}

bool chat__endpoint_region(const char *url, const char *service,
                           char region[CHAT__AWS_REGION_BYTES])
{
    char *host = part_of(url, CURLUPART_HOST);
    bool found = host != NULL && region_of_host(host, service, region);

    curl_free(host);
    return found;
}

bool chat__endpoint_default_region(char region[CHAT__AWS_REGION_BYTES])
{
    const char *value = getenv("AWS_REGION");

    if (value == NULL || *value == '\0')
        value = getenv("AWS_DEFAULT_REGION");
    return value != NULL && copy_region(region, value, strlen(value));
}
