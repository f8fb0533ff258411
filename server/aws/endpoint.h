/*
 * What an address of the network is to AWS: which region and service it
 * belongs to, and whether a secret may go there. Pure; any thread.
 */
#ifndef CHAT_SERVER_AWS_ENDPOINT_H
#define CHAT_SERVER_AWS_ENDPOINT_H

#include <stdbool.h>

#define CHAT__AWS_REGION_BYTES 64

/* True for http and https with a host and no name or password in it. */
bool chat__endpoint_is_url(const char *url);

/* https anywhere; http to the loopback and to a container's own addresses. */
bool chat__endpoint_may_have_secrets(const char *url);

/*
 * Whether the host is SERVICE.REGION.amazonaws.com (or .com.cn); `region` is
 * set then.
 */
bool chat__endpoint_region(const char *url, const char *service,
                           char region[CHAT__AWS_REGION_BYTES]);

/* Of AWS_REGION, else of AWS_DEFAULT_REGION; false: neither says a right one */
bool chat__endpoint_default_region(char region[CHAT__AWS_REGION_BYTES]);

#endif
