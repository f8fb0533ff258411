/* What may change while the front serves: all of it is taken over, or none. */
#include "server/front/session.h"
#include "server/front/tls.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Never fewer than there were: the clients in them stay. */
static bool make_places(struct chat__front *front, uint32_t count,
                        char *message, size_t message_size)
{
    struct chat__session **sessions;

    if (count <= front->session_places)
        return true;
    sessions = realloc(front->sessions, count * sizeof *sessions);
    if (sessions == NULL) {
        snprintf(message, message_size, "out of memory");
        return false;
    }
    front->sessions = sessions;
    front->session_places = count;
    return true;
}

/* Without TLS there are none, and all is well. */
static bool load_credentials(const struct chat__front_settings *settings,
                             struct chat__credentials **credentials,
                             char *message, size_t message_size)
{
    *credentials = NULL;
    if (settings->tls_certificate == NULL)
        return true;
    *credentials = chat__credentials_load(
        settings->tls_certificate, settings->tls_key, message, message_size);
    return *credentials != NULL;
}

bool chat__settings_init(struct chat__front *front, char *message,
                         size_t message_size)
{
    const struct chat__front_settings *settings = &front->options.settings;

    front->handshake_places = settings->handshakes_max;
    return make_places(front, settings->connections_max, message,
                       message_size) &&
           chat__origins_init(&front->origins, settings->allowed_origins,
                              message, message_size) &&
           chat__proxies_init(&front->proxies, settings->trusted_proxies,
                              message, message_size) &&
           load_credentials(settings, &front->credentials, message,
                            message_size);
}

bool chat__front_apply(struct chat__front *front,
                       const struct chat__front_settings *settings,
                       char *message, size_t message_size)
{
    struct chat__origins origins;
    struct chat__proxies proxies;
    struct chat__credentials *credentials;

    assert((settings->tls_certificate == NULL) == (front->tls == NULL));
    if (!chat__origins_init(&origins, settings->allowed_origins, message,
                            message_size))
        return false;
    if (!chat__proxies_init(&proxies, settings->trusted_proxies, message,
                            message_size) ||
        !make_places(front, settings->connections_max, message, message_size) ||
        !load_credentials(settings, &credentials, message, message_size)) {
        chat__origins_release(&origins);
        return false;
    }
    chat__origins_release(&front->origins);
    chat__credentials_free(front->credentials);
    front->origins = origins;
    front->proxies = proxies;
    front->credentials = credentials;
    front->options.settings = *settings;
    if (settings->handshakes_max > front->handshake_places)
        front->options.settings.handshakes_max = front->handshake_places;
    chat__listener_start(&front->clients);
    return true;
}
