/*
 * What libwebsockets calls for a link's socket. The socket's opaque pointer is
 * its link, or NULL once the link has let go of it.
 */
#ifndef CHAT_SDK_LINK_CALLBACK_H
#define CHAT_SDK_LINK_CALLBACK_H

#include "protocol/limits.h"

#include <libwebsockets.h>

/* A frame of the server at its limit, and one byte for good measure. */
#define CHAT__LINK_FRAME_BYTES_MAX (CHAT__FRAME_BYTES_MAX + 1)

extern const struct lws_protocols chat__link_protocols[];

#endif
